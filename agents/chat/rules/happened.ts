// What happened in a time, to one thing, and how often.
import type { IncidentRecord } from "../../../knowledge/records.ts";
import { cite, type Claim } from "../reply.ts";
import { subjectOf } from "../subject.ts";
import { counted, percentOf, sentence, spanText } from "../words.ts";
import { endingOf } from "./endings.ts";
import { type Ask, causeClaims, claim, type Draft, when, whose } from "./rule.ts";
import { nothingOf, topicOf } from "./trouble.ts";

const DAY = 86_400_000;
export const MOST_TOLD = 15;

export async function happened(ask: Ask): Promise<Draft> {
  const { question, now } = ask;
  if (question.ids.backup !== undefined) return backupStory(ask);
  if (Object.keys(question.ids).length > 0) return oneStory(ask);
  if (question.unknownService !== undefined) return nothingOf(ask);
  const given =
    question.span ??
    (question.services.length > 0 ? undefined : { from: now - DAY, to: now, words: "in the last 24 hours" });
  const asked = { ...ask, question: { ...question, span: given } };
  const found = await incidentsOf(asked);
  if (found.length === 0)
    return {
      claims: [],
      note: `I know of no incident at ${whose(question)}${when(asked.question)}.`,
      topic: { ...(given && { span: given }) },
    };
  const [only] = found;
  const claims = [
    claim(
      `${counted(found.length, "incident")}${when(asked.question)}${question.services.length > 0 ? ` at ${whose(question)}` : ""}.`,
      ...found.map((one) => cite("incident", one.id)),
    ),
    ...found.slice(0, MOST_TOLD).map((one) => toldShort(one, ask)),
    ...(found.length <= 3 ? (await Promise.all(found.map((one) => causeOf(one, ask)))).flat() : []),
    ...(found.length > MOST_TOLD
      ? [
          claim(
            `Only the latest ${MOST_TOLD} are told here.`,
            ...found.slice(0, 1).map((one) => cite("incident", one.id)),
          ),
        ]
      : []),
  ];
  const services = [...new Set(found.map((one) => one.service))];
  return {
    claims,
    topic: {
      ...(given && { span: given }),
      ...(services.length === 1 && { services }),
      ...(found.length === 1 && only && { incidentId: only.id }),
    },
  };
}

async function causeOf(one: IncidentRecord, { reading }: Ask): Promise<Claim[]> {
  const [run] = await reading.runsOf(one, 1);
  return run ? causeClaims(run) : [];
}

export function toldShort(one: IncidentRecord, { moment, now }: Ask): Claim {
  const state = { ACTIVE: "still open", RESOLVED: "resolved", ESCALATED: "escalated to a person" }[
    one.status
  ];
  const length = one.closedAt === null ? spanText(now - one.openedAt) : spanText(one.closedAt - one.openedAt);
  const part = one.partOf ? `, part of ${one.partOf.id}` : "";
  return claim(
    `${moment(one.openedAt)} ${sentence(one.title)} (${one.id}, ${state}, ${length}${part})`,
    cite("incident", one.id),
  );
}

async function oneStory(ask: Ask): Promise<Draft> {
  const { question, reading, moment } = ask;
  const subject = await subjectOf(question, reading);
  if (!subject) return nothingOf(ask);
  const { incident, runs } = subject;
  const runClaims: Claim[] = [];
  for (const read of runs.slice(0, 2)) {
    const { run } = read;
    const sure = run.scoreBp === null ? "" : `, ${percentOf(run.scoreBp)} sure`;
    runClaims.push(
      claim(
        `${run.id} of ${run.service} began ${moment(run.startedAt)} (${run.trigger}): ${run.outcome ?? run.status}${sure}.`,
        cite("run", run.id),
      ),
    );
    runClaims.push(...causeClaims(read), ...(await endingOf(read, reading, moment)));
  }
  return { claims: [toldShort(incident, ask), ...runClaims], topic: topicOf(subject) };
}

async function backupStory(ask: Ask): Promise<Draft> {
  const { question, reading, moment } = ask;
  const one = (await reading.backups({})).find(({ id }) => id === question.ids.backup);
  if (!one) return nothingOf(ask);
  const files = one.files.length === 0 ? "no files, the state of its runtime" : one.files.join(", ");
  return {
    claims: [
      claim(
        `${one.id} was taken ${moment(one.at)} of ${one.service} for ${one.runId}; it holds ${files}.`,
        cite("backup", one.id),
      ),
    ],
    commands: [`opsmedic backups diff ${one.id}`],
    topic: { services: [one.service], runId: one.runId },
  };
}

/** The services with most incidents. */
export async function worst(ask: Ask): Promise<Draft> {
  const { question } = ask;
  const byService = [
    ...Map.groupBy(
      await incidentsOf({ ...ask, question: { ...question, services: [] } }),
      (one) => one.service,
    ),
  ];
  return {
    claims: byService
      .sort(([, a], [, b]) => b.length - a.length)
      .slice(0, 5)
      .map(([service, own]) =>
        claim(
          `${service}: ${counted(own.length, "incident")}${when(question)}.`,
          ...own.map((one) => cite("incident", one.id)),
        ),
      ),
    note: `I know of no incident${when(question)}.`,
  };
}

/** How many fixes helped, and which did not. */
async function fixesCounted({ question, reading }: Ask): Promise<Draft> {
  const { services, span } = question;
  const all = await reading.cases({ service: services[0], from: span?.from, to: span?.to });
  const failed = all.filter((one) => one.outcome === "not-healed" || one.outcome === "worse");
  if (all.length === 0)
    return { claims: [], note: `No fix was tried at ${whose(question)}${when(question)}.` };
  return {
    claims: [
      claim(
        `${all.length} fixes tried at ${whose(question)}${when(question)}; ${failed.length} did not help.`,
        ...all.map((one) => cite("case", one.id)),
      ),
      ...failed.map((one) =>
        claim(`${one.fix} at ${one.service}: ${one.outcome} (${one.runId}).`, cite("case", one.id)),
      ),
    ],
    topic: { services, ...(span && { span }) },
  };
}

async function incidentsOf({ question, reading }: Ask): Promise<IncidentRecord[]> {
  const { services, span } = question;
  const lists = await Promise.all(
    (services.length > 0 ? services : [undefined]).map((service) =>
      reading.incidents({ service, from: span?.from, to: span?.to }),
    ),
  );
  return lists.flat().sort((a, b) => b.openedAt - a.openedAt);
}

export async function howOften(ask: Ask): Promise<Draft> {
  const { question, reading } = ask;
  const { services, span, content, concepts } = question;
  if (concepts.has("fix")) return fixesCounted(ask);
  const found = await incidentsOf(ask);
  if (found.length > 0 || services.length > 0) {
    const claims =
      found.length === 0
        ? []
        : [
            claim(
              `${counted(found.length, "incident")} at ${whose(question)}${when(question)}.`,
              ...found.map((one) => cite("incident", one.id)),
            ),
            ...found.slice(0, MOST_TOLD).map((one) => toldShort(one, ask)),
          ];
    return {
      claims,
      note: `0 incidents at ${whose(question)}${when(question)}.`,
      topic: { services, ...(span && { span }) },
    };
  }
  const patterns = (
    await Promise.all(content.slice(0, 3).map((text) => reading.patterns({ text, limit: 5 })))
  ).flat();
  return {
    claims: patterns.map((one) =>
      claim(
        `${counted(one.lines, "line")} of ${one.service}: "${one.template}".`,
        cite("pattern", `${one.service}:${one.id}`),
      ),
    ),
    note: `I know of no incident at ${whose(question)}${when(question)}.`,
  };
}
