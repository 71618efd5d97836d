// Why is it slow, why is it down, what else could it have been, how is its healing known, how long did it take.
import { causesIn, ruledOutIn } from "../../../domain/diagnosis.ts";
import { cite, type Claim } from "../reply.ts";
import { overlap, subjectOf, type Subject } from "../subject.ts";
import { joined, percentOf, sentence, spanText } from "../words.ts";
import { endingOf } from "./endings.ts";
import { healthClaims } from "./now.ts";
import { type Ask, causeClaims, claim, type Draft, whose, when } from "./rule.ts";

export function topicOf({ incident, runs }: Subject) {
  const runId = runs[0]?.run.id;
  return { services: [incident.service], incidentId: incident.id, ...(runId !== undefined && { runId }) };
}

export function nothingOf({ question }: Ask): Draft {
  const id =
    question.ids.run ??
    question.ids.incident ??
    question.ids.approval ??
    question.ids.backup ??
    question.ids.case;
  const named = question.unknownService;
  if (id !== undefined) return { claims: [], note: `I know no record ${id}.` };
  if (named !== undefined) return { claims: [], note: `I watch no service called ${named}.` };
  return { claims: [], note: `I have no record of trouble at ${whose(question)}${when(question)}.` };
}

/** Where nothing is said to the contrary, what goes on now comes before what is over. */
export async function trouble(ask: Ask): Promise<Draft> {
  const { question, reading, moment } = ask;
  if (question.unknownService !== undefined) return nothingOf(ask);
  const subject = await subjectOf(question, reading);
  if (!subject) return withoutIncident(ask);
  const { incident, runs } = subject;
  const state =
    incident.status === "ACTIVE"
      ? "is still open"
      : incident.status === "RESOLVED"
        ? "is over"
        : "was escalated";
  const claims = [
    claim(
      `${sentence(incident.title)} That is ${incident.id}, since ${moment(incident.openedAt)}; it ${state}.`,
      cite("incident", incident.id),
    ),
    ...(runs[0]
      ? [
          ...causeClaims(runs[0]),
          claim(`This was looked into by ${runs[0].run.id}.`, cite("run", runs[0].run.id)),
        ]
      : []),
    ...(incident.partOf
      ? [
          claim(
            `It was part of ${incident.partOf.id}: ${sentence(incident.partOf.title)}`,
            cite("incident", incident.id),
          ),
        ]
      : []),
    ...(runs[0] ? await endingOf(runs[0], reading, moment) : []),
    ...(await alsoStrange(ask, incident.service, incident.status === "ACTIVE")),
  ];
  return { claims, topic: topicOf(subject) };
}

/** How it is now, and the latest trouble of another service in which it was named. */
async function withoutIncident(ask: Ask): Promise<Draft> {
  const { question, reading } = ask;
  const [service] = question.services;
  if (service === undefined) return nothingOf(ask);
  const health = await healthClaims(ask);
  const runs = await reading.runs({ from: question.span?.from, to: question.span?.to });
  const naming = runs.find(
    (one) => one.report !== null && one.service !== service && overlap([service], one.report) > 0,
  );
  const other =
    naming && (await trouble({ ...ask, question: { ...question, services: [], ids: { run: naming.id } } }));
  const claims = [...health, ...(other?.claims ?? [])];
  return claims.length > 0
    ? { claims, topic: other?.topic ?? { services: question.services } }
    : nothingOf(ask);
}

/** Loud log patterns of what still goes on. */
async function alsoStrange({ reading, now }: Ask, service: string, active: boolean): Promise<Claim[]> {
  if (!active) return [];
  const loud = (await reading.patterns({ service, limit: 20 }))
    .filter((one) => ["warn", "error", "fatal"].includes(one.level) && now - one.lastSeen < 900_000)
    .sort((a, b) => b.lines - a.lines);
  return loud
    .slice(0, 1)
    .map((one) =>
      claim(
        `Its log repeats: "${one.template}" (${one.lines} lines).`,
        cite("pattern", `${service}:${one.id}`),
      ),
    );
}

export async function rival(ask: Ask): Promise<Draft> {
  const subject = await subjectOf(ask.question, ask.reading);
  const run = subject?.runs[0];
  if (!subject || !run) return nothingOf(ask);
  const [top, ...others] = causesIn(run.incident?.diagnosis);
  const out = ruledOutIn(run.incident?.diagnosis);
  const at = run.at("diagnose");
  const claims = top
    ? [
        claim(`The likeliest cause was ${top.title} (${top.playbook}), ${percentOf(top.scoreBp)}.`, at),
        ...others.map((one) =>
          claim(`It could also have been: ${one.title} (${one.playbook}), ${percentOf(one.scoreBp)}.`, at),
        ),
        ...(others.length === 0 ? [claim("No other cause that I know applied to these symptoms.", at)] : []),
        ...(out.length > 0
          ? [claim(`Ruled out: ${out.map((one) => `${one.title} (${one.playbook})`).join("; ")}.`, at)]
          : []),
        claim(`This is from ${run.run.id}.`, cite("run", run.run.id)),
      ]
    : out.map((one) => claim(`Ruled out: ${one.title} (${one.playbook}).`, at));
  return { claims, topic: topicOf(subject) };
}

export async function proof(ask: Ask): Promise<Draft> {
  const { question, reading } = ask;
  const subject = await subjectOf(question, reading, (one) => one.status === "RESOLVED");
  const run = subject?.runs[0];
  if (!subject || !run) return nothingOf(ask);
  const { validation } = run.incident ?? {};
  const where = [run.at("validate"), run.at("decide"), cite("run", run.run.id)];
  const claims = validation
    ? [
        claim(
          `${validation.outcome === "healed" ? "It was healed." : "It was not healed."} After the fix of ${run.run.id} (${run.incident?.plan?.title ?? "none"}) I watched for ${spanText(validation.watchedMs)}: ${sentence(validation.summary)}`,
          ...where,
        ),
        ...validation.checks.map((one) =>
          claim(`${one.name}: ${one.ok ? "well" : "not well"} (${sentence(one.text)})`, ...where),
        ),
      ]
    : [claim(`${run.run.id} applied no fix, so there was nothing to validate.`, cite("run", run.run.id))];
  return { claims, topic: topicOf(subject) };
}

export async function duration(ask: Ask): Promise<Draft> {
  const { question, reading, moment, now } = ask;
  const subject = await subjectOf(question, reading);
  if (!subject) return nothingOf(ask);
  const { incident, runs } = subject;
  const length =
    incident.closedAt === null
      ? `has been open for ${spanText(now - incident.openedAt)}, since ${moment(incident.openedAt)}`
      : `lasted ${spanText(incident.closedAt - incident.openedAt)}, from ${moment(incident.openedAt)} to ${moment(incident.closedAt)}`;
  const cases = (await reading.cases({ service: incident.service })).filter((one) =>
    runs.some(({ run }) => run.id === one.runId),
  );
  const healed = cases.flatMap((one) =>
    one.healMs === null
      ? []
      : [
          claim(
            `From the first symptom to healed it took ${spanText(one.healMs)} (${one.fix}).`,
            cite("case", one.id),
          ),
        ],
  );
  return {
    claims: [
      claim(`${incident.id} (${sentence(incident.title)}) ${length}.`, cite("incident", incident.id)),
      ...healed,
    ],
    topic: topicOf(subject),
  };
}

/** Which services an outage drew in. */
export async function affected(ask: Ask): Promise<Draft> {
  const { question, reading, moment } = ask;
  const subject = await subjectOf(question, reading);
  if (!subject) return nothingOf(ask);
  const rootId = subject.incident.partOf?.id ?? subject.incident.id;
  const root = (await reading.incident(rootId)) ?? subject.incident;
  const parts = await reading.parts(root.id);
  const claims = [
    claim(
      `It began with ${root.id} at ${root.service}, ${moment(root.openedAt)}: ${sentence(root.title)}`,
      cite("incident", root.id),
    ),
    parts.length === 0
      ? claim(`No other service had a part in ${root.id}.`, cite("incident", root.id))
      : claim(
          `It drew in ${joined(parts.map((one) => one.service))}.`,
          ...parts.map((one) => cite("incident", one.id)),
        ),
    ...parts.map((one) =>
      claim(`${one.id}, ${moment(one.openedAt)}: ${sentence(one.title)}`, cite("incident", one.id)),
    ),
  ];
  return { claims, topic: { ...topicOf(subject), services: [root.service], incidentId: root.id } };
}
