// What changed before something broke, what was changed in a time, and what opsmedic did itself.
import { only } from "../../../domain/signal.ts";
import type { ReadRun } from "../reading.ts";
import { cite, type Claim } from "../reply.ts";
import { subjectOf } from "../subject.ts";
import { quoted, sentence, spanText } from "../words.ts";
import { type Ask, causeClaims, claim, type Draft, when, whose } from "./rule.ts";
import { nothingOf, topicOf } from "./trouble.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const DAY = 24 * HOUR;

export async function changes(ask: Ask): Promise<Draft> {
  const { question } = ask;
  if (question.unknownService !== undefined) return nothingOf(ask);
  const { concepts, ids, services } = question;
  // Asked together with trouble, it is whether the one led to the other.
  const isCause =
    services.length > 0 && (["down", "slow", "broken", "symptom"] as const).some((one) => concepts.has(one));
  const about = concepts.has("before") || isCause || Object.keys(ids).length > 0;
  return about ? changedBefore(ask) : changedIn(ask);
}

async function changedBefore(ask: Ask): Promise<Draft> {
  const { question, reading, moment } = ask;
  const subject = await subjectOf(question, reading);
  if (!subject) return nothingOf(ask);
  const { incident, runs } = subject;
  const [read] = runs;
  const { service, openedAt } = incident;
  const own = (await reading.runs({ from: openedAt - DAY, to: openedAt - 1, service })).filter(
    (one) => one.outcome === "healed" || one.outcome === "rolled-back",
  );
  const people = (await reading.audit({ from: openedAt - DAY, to: openedAt })).filter(
    (one) => !/^(approval|check|refused)/.test(one.action),
  );
  const fresh = (await reading.patterns({ service, limit: 50 })).filter(
    (one) => one.firstSeen < openedAt - MINUTE && openedAt - one.firstSeen < HOUR,
  );
  const changed: Claim[] = [
    ...(read ? seenChanges(read, moment) : []),
    ...own.map((one) =>
      claim(
        `${spanText(openedAt - one.startedAt)} before, ${one.id} had ended ${one.outcome ?? ""} at ${service}.`,
        cite("run", one.id),
      ),
    ),
    ...people
      .slice(0, 5)
      .map((one) =>
        claim(
          `${one.actor} did ${one.action} ${quoted(one.target)}, ${moment(one.at)}.`,
          cite("audit", `audit_${one.seq}`),
        ),
      ),
  ];
  // That something new is said is a sign, and no change.
  const signs = fresh.map((one) =>
    claim(
      `New in its log since ${moment(one.firstSeen)}: "${one.template}".`,
      cite("pattern", `${service}:${one.id}`),
    ),
  );
  const head = claim(
    `${incident.id} began ${moment(openedAt)}: ${sentence(incident.title)}`,
    cite("incident", incident.id),
  );
  const none = claim(
    `No change of ${service} is recorded in the day before ${incident.id}.`,
    cite("incident", incident.id),
    ...(read ? [cite("run", read.run.id)] : []),
  );
  return {
    claims: [head, ...(read ? causeClaims(read) : []), ...(changed.length > 0 ? changed : [none]), ...signs],
    topic: topicOf(subject),
  };
}

/** Files that differed, and starts, as the run saw them; and what its checks said of changes. */
function seenChanges(read: ReadRun, moment: (at: number) => string): Claim[] {
  const { run, incident, at } = read;
  const files = only(incident?.signals ?? [], "change").map((one) => `${one.path} (${one.summary})`);
  const starts = only(incident?.signals ?? [], "event").filter((one) => one.event === "start");
  const checks = (incident?.diagnosis?.hypotheses[0]?.checks ?? []).flatMap(
    ({ check, verdict, observation }) =>
      verdict === "supports" &&
      observation.status === "known" &&
      /chang|differ|deploy|began/.test(`${check} ${observation.name}`)
        ? [observation.text]
        : [],
  );
  return [
    ...(files.length > 0
      ? [
          claim(
            `Files that differed from when it was well: ${[...new Set(files)].join(", ")}.`,
            cite("run", run.id),
          ),
        ]
      : []),
    ...(checks.length > 0
      ? [claim(`What ${run.id} saw of changes: ${checks.join("; ")}.`, at("diagnose"), cite("run", run.id))]
      : []),
    ...starts.slice(-1).map((one) => claim(`It was started ${moment(one.at)}.`, cite("run", run.id))),
  ];
}

/** By opsmedic and by people, of a service or of all. */
async function changedIn(ask: Ask): Promise<Draft> {
  const { question, reading, moment, now } = ask;
  const span = question.span ?? { from: now - 7 * DAY, to: now, words: "in the last 7 days" };
  const acts = await done({ ...ask, question: { ...question, span } });
  const [service] = question.services;
  const looked = service === undefined ? [] : (await reading.runs({ ...span, service })).slice(0, 10);
  const seen = await Promise.all(looked.map(async ({ id }) => reading.run(id)));
  const differing = seen.flatMap((one) => (one ? seenChanges(one, moment) : []));
  const people = question.services.length > 0 ? [] : await reading.audit(span);
  const told = people
    .slice(0, 10)
    .map((one) =>
      claim(
        `${one.actor}, ${moment(one.at)}: ${one.action} ${quoted(one.target)}.`,
        cite("audit", `audit_${one.seq}`),
      ),
    );
  return {
    claims: [...differing, ...acts.claims, ...told],
    note: `No change of ${whose(question)} is recorded ${span.words}.`,
    topic: { services: question.services },
  };
}

/** What opsmedic did: every run that touched something, with what came of it. */
export async function done(ask: Ask): Promise<Draft> {
  const { question, reading, moment } = ask;
  const { services, span, ids } = question;
  if (question.unknownService !== undefined) return nothingOf(ask);
  const lists = await Promise.all(
    (services.length > 0 ? services : [undefined]).map((service) =>
      reading.runs({ service, from: span?.from, to: span?.to }),
    ),
  );
  const chosen = lists.flat().filter((one) => ids.run === undefined || one.id === ids.run);
  const claims: Claim[] = [];
  const ran: string[] = [];
  for (const run of chosen.slice(0, 30)) {
    const entries = await reading.journal(run.id);
    if (entries.length === 0) continue;
    const read = await reading.run(run.id);
    const actions = entries
      .map((one) => `${one.action} at ${one.service}${one.state === "undone" ? ", taken back" : ""}`)
      .join("; ");
    const plan = read?.incident?.plan;
    ran.push(run.id);
    claims.push(
      claim(
        `${moment(run.startedAt)} ${plan ? `${plan.title} (${plan.fix}: ${actions})` : actions}; it ended ${run.outcome ?? run.status} (${run.id}).`,
        ...(read ? [read.at("decide"), read.at("apply")] : []),
        cite("run", run.id),
      ),
    );
  }
  const left = chosen.filter((one) => !ran.includes(one.id));
  if (left.length > 0 && services.length > 0)
    claims.push(
      ...left
        .slice(0, 3)
        .map((one) =>
          claim(
            `${one.id}, ${moment(one.startedAt)}: I changed nothing, it ended ${one.outcome ?? "waiting for a person"}.`,
            cite("run", one.id),
          ),
        ),
    );
  const [first] = ran;
  return {
    claims,
    note: `I changed nothing at ${whose(question)}${when(question)}.`,
    topic: {
      services,
      ...(ran.length === 1 && first !== undefined && { runId: first }),
      ...(span && { span }),
    },
  };
}
