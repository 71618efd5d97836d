// incidents ls, show.
import { HealError } from "../../../domain/errors.ts";
import type { IncidentRecord } from "../../../knowledge/records.ts";
import { answer, type Command, type CommandOptions, textOption } from "../context.ts";
import { renderIncident, renderIncidents } from "../render/lists.ts";
import { limitOption, usageError } from "./options.ts";

const STATUSES = ["ACTIVE", "RESOLVED", "ESCALATED"] as const;
const MOST = 500;

export const list: Command = (context, _args, options) =>
  context.withOperations(async (operations) => {
    const service = textOption(options, "service");
    const status = statusOption(options);
    const incidents = await operations.incidents({
      limit: limitOption(options),
      ...(service !== undefined && { service }),
      ...(status !== undefined && { status }),
    });
    return answer(incidents, (given) => renderIncidents(given, context.clock.now(), context.terminal.paint));
  });

export const show: Command = (context, [id = ""]) =>
  context.withOperations(async (operations) => {
    const incidents = await operations.incidents({ limit: MOST });
    const incident = incidents.find((one) => one.id === id);
    if (incident === undefined) {
      throw new HealError(`There is no incident ${id} among the last ${MOST}`, {
        code: "not-found",
        hint: "opsmedic incidents ls shows them.",
      });
    }
    const { runs } = await operations.runs({ limit: MOST, service: incident.service });
    const parts = incidents.filter((one) => one.partOf?.id === id);
    const data = { incident, parts, runs: runs.filter(({ incidentId }) => incidentId === id) };
    return answer(data, (given) =>
      renderIncident(given.incident, given.parts, given.runs, context.clock.now(), context.terminal.paint),
    );
  });

function statusOption(options: CommandOptions): IncidentRecord["status"] | undefined {
  const text = textOption(options, "status")?.toUpperCase();
  const status = STATUSES.find((one) => one === text);
  if (text === undefined || status !== undefined) return status;
  throw usageError(`--status ${text} is not known`, `Write one of ${STATUSES.join(", ").toLowerCase()}.`);
}
