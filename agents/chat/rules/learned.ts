// What was learned: like what, which fix works, what is watched more closely since.
import { causeIn } from "../../../domain/diagnosis.ts";
import type { CaseRecord } from "../../../knowledge/records.ts";
import { cite, type Claim } from "../reply.ts";
import { overlap, subjectOf } from "../subject.ts";
import { counted, percentOf, sentence, spanText } from "../words.ts";
import { type Ask, claim, type Draft, when, whose } from "./rule.ts";
import { nothingOf, topicOf } from "./trouble.ts";

const MOST = 5;
/** Runs whose diagnosis is read to compare causes. */
const MOST_COMPARED = 30;

export async function similar(ask: Ask): Promise<Draft> {
  const { question, reading } = ask;
  const subject = (await subjectOf(question, reading)) ?? (await byReport(ask));
  if (!subject) return nothingOf(ask);
  const { incident, runs } = subject;
  const playbook = causeIn(runs[0]?.incident?.diagnosis)?.playbook;
  const others = (await reading.incidents({})).filter(
    (one) => one.id !== incident.id && one.partOf?.id !== incident.id && incident.partOf?.id !== one.id,
  );
  const claims: Claim[] = [
    claim(`Compared with ${incident.id}: ${sentence(incident.title)}`, cite("incident", incident.id)),
  ];
  const told = new Set<string>([incident.id]);
  for (const one of others
    .filter((each) => each.signatures.some((signature) => incident.signatures.includes(signature)))
    .slice(0, MOST)) {
    told.add(one.id);
    claims.push(
      claim(
        `The same symptom: ${one.id} at ${one.service}, ${ask.moment(one.openedAt)}: ${sentence(one.title)} ${await endOf(one.id, ask)}`.trim(),
        cite("incident", one.id),
      ),
    );
  }
  const unlike = others.filter((one) => !told.has(one.id)).slice(0, MOST_COMPARED);
  for (const one of playbook === undefined ? [] : unlike) {
    const [run] = await reading.runsOf(one, 1);
    const top = causeIn(run?.incident?.diagnosis);
    if (run === undefined || top === undefined || top.playbook !== playbook || told.size > MOST) continue;
    told.add(one.id);
    const plan = run.incident?.plan ? ` Plan: ${run.incident.plan.title}.` : "";
    claims.push(
      claim(
        `The same cause (${top.title}): ${one.id} at ${one.service}, ${ask.moment(one.openedAt)}: ${sentence(one.title)}${plan} It ended ${run.run.outcome ?? "open"}.`,
        cite("incident", one.id),
        run.at("decide"),
        run.at("diagnose"),
        cite("run", run.run.id),
      ),
    );
  }
  const recalled = await reading.recall
    .similar({ text: `${incident.title} ${question.content.join(" ")}`, limit: 3 })
    .catch(() => []);
  const cases = new Map((await reading.cases({})).map((one) => [one.runId, one]));
  for (const one of recalled) {
    const own = one.runId === null ? undefined : cases.get(one.runId);
    if (own && !told.has(own.incidentId ?? "") && own.runId !== runs[0]?.run.id) claims.push(caseClaim(own));
    // What was not lived through here: from the starter pack, or imported.
    if (one.runId !== null) continue;
    reading.noteKnown(one);
    claims.push(
      claim(
        `Known in general: ${sentence(one.title)} ${sentence(one.cause)} Fix: ${sentence(one.fix)}`,
        cite("knowledge", one.id),
      ),
    );
  }
  const none = claim(`I remember nothing like ${incident.id}.`, cite("incident", incident.id));
  return { claims: claims.length > 1 ? claims : [none], topic: topicOf(subject) };
}

/** Where words name no service that had trouble: the run whose report fits them best. */
async function byReport({ question, reading }: Ask) {
  const words = [...question.content, ...question.services];
  const runs = (await reading.runs({})).map((one) => ({ one, fits: overlap(words, one.report ?? "") }));
  const [best] = runs.filter(({ fits }) => fits > 0).sort((a, b) => b.fits - a.fits);
  return best && subjectOf({ ...question, ids: { run: best.one.id } }, reading);
}

async function endOf(incidentId: string, { reading }: Ask): Promise<string> {
  const incident = await reading.incident(incidentId);
  return incident ? `It was ${incident.status.toLowerCase()}.` : "";
}

export function caseClaim(one: CaseRecord): Claim {
  const outcome = {
    healed: "it helped",
    "not-healed": "it did not help",
    worse: "it made it worse",
    escalated: "it was escalated",
    rejected: "it was rejected",
  }[one.outcome];
  const took = one.healMs === null ? "" : ` in ${spanText(one.healMs)}`;
  return claim(
    `${one.service}: against ${one.playbook}, ${one.fix} was tried, and ${outcome}${took} (${one.id}). ${sentence(one.symptom)}`,
    cite("case", one.id),
  );
}

interface Rate {
  name: string;
  cases: CaseRecord[];
  helped: number;
}

function rates(cases: readonly CaseRecord[], by: (one: CaseRecord) => string): Rate[] {
  const tried = cases.filter((one) => ["healed", "not-healed", "worse"].includes(one.outcome));
  return (
    [...Map.groupBy(tried, by)]
      .map(([name, own]) => ({
        name,
        cases: own,
        helped: own.filter((one) => one.outcome === "healed").length,
      }))
      // Two successes and two failures assumed beforehand, as the confidence does.
      .sort(
        (a, b) =>
          (b.helped + 2) / (b.cases.length + 4) - (a.helped + 2) / (a.cases.length + 4) ||
          a.name.localeCompare(b.name),
      )
  );
}

/** What asks for the best fix says nothing of which. */
const ASKING: ReadonlySet<string> = new Set(
  "best works work working most successful effective help helps helped fix fixes remedy cure success rate useful service".split(
    " ",
  ),
);

export async function bestFix({ question, reading }: Ask): Promise<Draft> {
  const { services, span, content } = question;
  const all = await reading.cases({ service: services[0], from: span?.from, to: span?.to });
  const about = content.filter((word) => !ASKING.has(word));
  const named = all.filter((one) => overlap(about, `${one.fix} ${one.playbook} ${one.symptom}`) > 0);
  const chosen = named.length > 0 ? named : all;
  return {
    claims: rates(chosen, (one) => `${one.fix} against ${one.playbook}`)
      .slice(0, 6)
      .map((one) =>
        claim(
          `${one.name}: helped ${one.helped} of ${one.cases.length} times.`,
          ...one.cases.map((each) => cite("case", each.id)),
        ),
      ),
    note: `No fix was tried at ${whose(question)}${when(question)}.`,
    topic: { services },
  };
}

export async function learned({ question, reading }: Ask): Promise<Draft> {
  const { services, span } = question;
  const [service] = services;
  const cases = await reading.cases({ service, from: span?.from, to: span?.to });
  const watches = await reading.watches(service);
  const claims: Claim[] =
    cases.length === 0
      ? []
      : [
          claim(
            `${counted(cases.length, "case")} of ${new Set(cases.map((one) => one.playbook)).size} causes, ${counted(cases.length, "fix").replace(/fixs$/, "fixes")} tried${when(question)}.`,
            ...cases.map((one) => cite("case", one.id)),
          ),
          ...rates(cases, (one) => `${one.fix} against ${one.playbook}`).map((one) =>
            claim(
              `${one.name}: helped ${one.helped} of ${one.cases.length} times.`,
              ...one.cases.map((each) => cite("case", each.id)),
            ),
          ),
          ...cases
            .slice(0, MOST)
            .map((one) =>
              claim(
                `${sentence(one.symptom)} ${one.fix}: ${one.outcome}, ${percentOf(one.scoreBp)} sure (${one.id}).`,
                cite("case", one.id),
              ),
            ),
        ];
  const standing = watches.map((one) =>
    claim(
      `Since ${one.fromIncident} I watch ${one.service} more closely for ${one.kind} (${one.id}).`,
      cite("watch", one.id),
    ),
  );
  return {
    claims: [...claims, ...standing],
    note: `I have learned nothing about ${whose(question)}${when(question)} yet.`,
    topic: { services },
  };
}

export async function watches({ question, reading, moment }: Ask): Promise<Draft> {
  const found = await reading.watches(question.services[0]);
  return {
    claims: found.map((one) =>
      claim(
        `${one.id}: ${one.service} is looked at twice as often for ${one.kind}, since ${moment(one.createdAt)}, because of ${one.fromIncident}.`,
        cite("watch", one.id),
      ),
    ),
    note: `There is no standing watch on ${whose(question)}.`,
    topic: { services: question.services },
  };
}
