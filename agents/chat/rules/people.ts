// What waits for people, what they decided, and what they changed.
import { cite } from "../reply.ts";
import { quoted, sentence } from "../words.ts";
import { approveCommand, notFixed } from "./acting.ts";
import { decisionClaim } from "./endings.ts";
import { type Ask, claim, type Draft, when, whose } from "./rule.ts";

export async function waiting(ask: Ask): Promise<Draft> {
  const { question, reading, moment, now } = ask;
  const [service] = question.services;
  const found = (await reading.approvals({ status: "pending", service })).filter(
    (one) => one.expiresAt > now,
  );
  // What waits for nobody has another reason for which it is not done.
  if (found.length === 0 && question.services.length > 0 && question.concepts.has("fix"))
    return notFixed(ask);
  const left = await reading.incidents({ status: "ESCALATED", open: true, service });
  return {
    claims: [
      ...found.map((one) => decisionClaim(one, moment)),
      ...left.map((one) =>
        claim(
          `Left to a person since ${moment(one.openedAt)}: ${sentence(one.title)} (${one.id})`,
          cite("incident", one.id),
        ),
      ),
    ],
    note: `Nothing waits for approval at ${whose(question)}.`,
    commands: [
      ...found.flatMap((one) => [`opsmedic approvals show ${one.id}`, approveCommand(one.id)]),
      ...left.map((one) => `opsmedic incidents show ${one.id}`),
    ],
    topic: found.length === 1 && found[0] ? { services: [found[0].service], runId: found[0].runId } : {},
  };
}

export async function decided({ question, reading, moment }: Ask): Promise<Draft> {
  const { concepts, services, ids, span } = question;
  const wanted = concepts.has("expire") ? "expired" : concepts.has("reject") ? "rejected" : "approved";
  const within = { service: services[0], from: span?.from, to: span?.to };
  const all = await reading.approvals(within);
  const mine = all.filter(
    (one) =>
      (ids.run === undefined || one.runId === ids.run) &&
      (ids.approval === undefined || one.id === ids.approval),
  );
  const fitting = mine.filter((one) => one.status === wanted);
  // Asked of one fix that was decided otherwise, that is the answer.
  const found = fitting.length > 0 ? fitting : mine.filter((one) => one.decidedBy !== null).slice(0, 3);
  return {
    claims: found.map((one) => decisionClaim(one, moment)),
    note: `No approval of ${whose(question)} was ${wanted}${when(question)}.`,
    topic:
      found.length === 1 && found[0] ? { services: [found[0].service], runId: found[0].runId } : { services },
  };
}

const SUBJECTS: readonly (readonly [RegExp, RegExp])[] = [
  [/\bpaus/, /^pause$/],
  [/\bresum/, /^resume$/],
  [/\bmode\b/, /^mode/],
  [/\brestor/, /restore/],
  [/\brule/, /rule/],
  [/\bcancel/, /cancel/],
  [/\bconfig/, /config/],
];

export async function audit({ question, reading, moment }: Ask): Promise<Draft> {
  const { span, person, words } = question;
  const all = await reading.audit({ from: span?.from, to: span?.to, actor: person });
  const text = words.join(" ");
  const actions = SUBJECTS.filter(([asked]) => asked.test(text)).map(([, action]) => action);
  const found = all
    .filter((one) => actions.length === 0 || actions.some((action) => action.test(one.action)))
    .slice(0, 15);
  return {
    claims: found.map((one) => {
      const reason = one.detail["reason"];
      const why = typeof reason === "string" && reason !== "" ? ` (reason given: ${quoted(reason)})` : "";
      return claim(
        `${one.actor}, ${moment(one.at)}: ${one.action} ${quoted(one.target)}${why}.`,
        cite("audit", `audit_${one.seq}`),
      );
    }),
    note: `The audit log has nothing of ${person ?? "that"}${when(question)}.`,
    ...(found.length > 0 && { commands: ["opsmedic audit ls"] }),
  };
}
