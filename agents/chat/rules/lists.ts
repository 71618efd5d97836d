// Plain lists of records.
import { cite } from "../reply.ts";
import { counted, sentence } from "../words.ts";
import { MOST_TOLD, toldShort } from "./happened.ts";
import { type Ask, claim, type Draft, when } from "./rule.ts";

export async function list(ask: Ask): Promise<Draft> {
  const { question, reading, moment } = ask;
  const { concepts, span, services, words } = question;
  const within = { from: span?.from, to: span?.to, service: services[0] };
  const topic = { services };
  if (concepts.has("backup")) {
    const found = await reading.backups(within);
    return {
      claims: found.map((one) =>
        claim(`${one.id} of ${one.service}, ${moment(one.at)}, for ${one.runId}.`, cite("backup", one.id)),
      ),
      note: "There are no backups.",
      topic,
    };
  }
  if (concepts.has("approve")) {
    const found = await reading.approvals(within);
    return {
      claims: found.map((one) =>
        claim(`${one.id} (${one.status}): ${sentence(one.summary)}`, cite("approval", one.id)),
      ),
      note: "There are no approvals.",
      topic,
    };
  }
  if (concepts.has("pattern")) {
    const found = await reading.patterns({ service: services[0], limit: MOST_TOLD });
    return {
      claims: found.map((one) =>
        claim(
          `${one.service}: "${one.template}" (${one.lines} lines).`,
          cite("pattern", `${one.service}:${one.id}`),
        ),
      ),
      note: "There are no log patterns.",
      topic,
    };
  }
  if (concepts.has("run")) {
    const found = await reading.runs(within);
    return {
      claims: found
        .slice(0, MOST_TOLD)
        .map((one) =>
          claim(
            `${one.id} of ${one.service}, ${moment(one.startedAt)}: ${one.outcome ?? one.status}.`,
            cite("run", one.id),
          ),
        ),
      note: "There are no runs.",
      topic,
    };
  }
  if (concepts.has("incident")) {
    const status = words.includes("escalated")
      ? "ESCALATED"
      : words.some((one) => ["open", "active"].includes(one))
        ? "ACTIVE"
        : words.includes("resolved")
          ? "RESOLVED"
          : undefined;
    const found = await reading.incidents({ ...within, status });
    if (found.length === 0) return { claims: [], note: `There are no such incidents${when(question)}.` };
    const head = claim(
      `${counted(found.length, `${status ? `${status.toLowerCase()} ` : ""}incident`)}${when(question)}.`,
      ...found.map((one) => cite("incident", one.id)),
    );
    return { claims: [head, ...found.slice(0, MOST_TOLD).map((one) => toldShort(one, ask))], topic };
  }
  if (concepts.has("watch") && !concepts.has("service")) {
    const found = await reading.watches(services[0]);
    return {
      claims: found.map((one) => claim(`${one.id}: ${one.kind} of ${one.service}.`, cite("watch", one.id))),
      note: "There are no standing watches.",
      topic,
    };
  }
  const found = await reading.services();
  return {
    claims: found.map((one) =>
      claim(`${one.service} is ${one.level}.`, cite("service", `service:${one.service}`)),
    ),
    note: "I watch no service yet.",
    topic,
  };
}
