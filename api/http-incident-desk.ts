// The incident desk over HTTP.
import type { Call } from "./http/call.ts";
import type { IncidentDesk } from "./incident-desk.ts";
import { isoSpan } from "./iso-span.ts";
import { desk } from "./routes/incident-desk.ts";

const explained = (explain = false) => ({ query: explain ? { explain: "true" } : {} });

export function httpIncidentDesk(call: Call): IncidentDesk {
  return {
    searchIncidents: ({ from, to, ...rest }) =>
      call(desk.list, { query: { ...rest, ...isoSpan({ from, to }) } }),
    incident: (id, options) => call(desk.show, { params: { id }, ...explained(options?.explain) }),
    incidentTimeline: async (id) => (await call(desk.timeline, { params: { id } })).timeline,
    incidentEvidence: async (id) => (await call(desk.evidence, { params: { id } })).evidence,
    similarIncidents: (id, query) => call(desk.similar, { params: { id }, query }),
    postmortem: (id, options) => call(desk.postmortem, { params: { id }, ...explained(options?.explain) }),
    acknowledgeIncident: (id, body) => call(desk.acknowledge, { params: { id }, body }),
    resolveIncident: (id, body) => call(desk.resolve, { params: { id }, body }),
    noteIncident: (id, body) => call(desk.note, { params: { id }, body }),
    incidentStats: ({ from, to, ...rest }) =>
      call(desk.stats, { query: { ...rest, ...isoSpan({ from, to }) } }),
    remediationHistory: ({ from, to, ...rest }) =>
      call(desk.remediationHistory, { query: { ...rest, ...isoSpan({ from, to }) } }),
    remediationStats: ({ from, to, ...rest }) =>
      call(desk.remediationStats, { query: { ...rest, ...isoSpan({ from, to }) } }),
  };
}
