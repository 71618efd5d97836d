// What a person should hear of an incident, as facts with keys: a fact is told once, however many runs come upon it.
// What goes to and fro (a severity, a guess) is news only the first time.
import { causeIn, isGuess } from "../domain/diagnosis.ts";
import { type Finding, isSymptom, severities } from "../domain/finding.ts";
import type { Attempt, Incident } from "../domain/incident.ts";
import type { FixPlan } from "../domain/plan.ts";
import { causeLine } from "./report.ts";

export interface Fact {
  /** The same fact of the same incident has the same one, in every run. */
  key: string;
  /** One line for a person; empty: implied by another one, kept so that it is no news later. */
  text: string;
}

/** A question that waits for a person. */
export interface Question {
  link: string;
  expiresAt: number;
}

/** Pure. In the order in which a person reads them; `question`: the run has just asked. */
export function factsOf(incident: Incident, question?: Question): Fact[] {
  const { findings, failure, confirmation, attempts } = incident;
  return [
    ...severityFacts(findings.filter(isSymptom)),
    ...causeFacts(incident),
    ...attempts.map(triedFact),
    ...fixFacts(incident, question),
    ...(confirmation?.outcome === "refuted" ? [refutedFact(confirmation.checks)] : []),
    ...(failure
      ? [{ key: `broke/${failure.node}`, text: `The run broke in ${failure.node}: ${failure.message}` }]
      : []),
  ];
}

/** Of an incident that is part of another one's: that it is hit, and nothing else, is news of that one. */
export function partFact({ service, findings }: Pick<Incident, "service" | "findings">): Fact {
  return { key: `part/${service}`, text: `Also hit: ${gravest(findings)?.summary ?? service}` };
}

/** 0 is the gravest. */
const gravity = ({ severity }: Finding): number => severities.indexOf(severity);

function gravest(findings: readonly Finding[]): Finding | undefined {
  return findings.filter(isSymptom).toSorted((a, b) => gravity(a) - gravity(b))[0];
}

/** What is less grave is implied. */
function severityFacts(symptoms: readonly Finding[]): Fact[] {
  const worst = gravest(symptoms);
  if (worst === undefined) return [];
  const lesser = severities.slice(severities.indexOf(worst.severity) + 1);
  return [
    { key: `severity/${worst.severity}`, text: `Seen: ${worst.summary}` },
    ...lesser.map((one) => ({ key: `severity/${one}`, text: "" })),
  ];
}

/** Another guess is no news. */
function causeFacts({ diagnosis }: Pick<Incident, "diagnosis">): Fact[] {
  if (!diagnosis) return [];
  const top = causeIn(diagnosis);
  const guess = {
    key: "cause/unsure",
    text: top ? causeLine(top, diagnosis.service) : "No known cause fits",
  };
  if (!top || isGuess(top)) return [guess];
  return [
    {
      key: `cause/${top.playbook}@${top.service}`,
      text: causeLine(top, diagnosis.service),
    },
    { ...guess, text: "" },
  ];
}

const nameOf = ({ playbook, fix }: FixPlan): string => `${playbook}/${fix}`;

function triedFact({ plan, validation, rollback }: Attempt): Fact {
  const ended = validation === null ? "could not be completed" : "did not help";
  const back = {
    undone: "was taken back",
    failed: "COULD NOT BE TAKEN BACK",
    "nothing-to-undo": "there was nothing to take back",
  }[rollback?.outcome ?? "nothing-to-undo"];
  return {
    key: `tried/${nameOf(plan)}/${rollback?.outcome ?? "nothing-to-undo"}`,
    text: `Tried: ${plan.title}; it ${ended}, and ${back}`,
  };
}

function fixFacts({ plan, verdict, approval, noPlan }: Incident, question: Question | undefined): Fact[] {
  if (!plan) return noPlan ? [{ key: "no-fix", text: noPlan }] : [];
  const name = nameOf(plan);
  if (question !== undefined) {
    const until = new Date(question.expiresAt).toISOString();
    return [
      {
        key: `asks/${name}`,
        text: `A fix waits for approval until ${until}: ${plan.title}: ${question.link}`,
      },
    ];
  }
  if (approval?.decision === "expired")
    return [{ key: `expired/${name}`, text: `Nobody answered in time: ${plan.title}` }];
  if (approval?.decision === "reject")
    return [{ key: `refused/${name}`, text: `Refused by ${approval.by}: ${plan.title}` }];
  const against = verdict?.reasons.filter((one) => one.outcome === "deny").map((one) => one.text) ?? [];
  if (against.length === 0) return [];
  return [{ key: `not-done/${name}`, text: `Not done: ${plan.title}, because ${against.join("; ")}` }];
}

function refutedFact(checks: readonly { verdict: string; text: string }[]): Fact {
  const against = checks.filter((one) => one.verdict === "refuted").map((one) => one.text);
  return {
    key: "refuted",
    text: `Not carried out, as what the cause predicts does not hold: ${against.join("; ")}`,
  };
}
