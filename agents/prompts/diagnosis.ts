// What a language model is asked about a diagnosis: further causes, which fits best, what speaks against it.
import type { Hypothesis } from "../../domain/diagnosis.ts";
import type { Finding } from "../../domain/finding.ts";
import type { Playbook } from "../../domain/playbook.ts";
import { only, type Signal } from "../../domain/signal.ts";
import { fence, line, type Prompt, prompt } from "./prompt.ts";

const MOST_LINES = 20;

/** May name further playbooks from the list. */
export function suggestPrompt(
  findings: readonly Finding[],
  signals: readonly Signal[],
  others: readonly Playbook[],
): Prompt {
  const list = others.map((one) => `- ${one.id}: ${one.title} (${one.vocabulary.join(", ")})`).join("\n");
  return prompt(
    "classify",
    `Which of these failures, beside those already considered, could explain the symptoms? Name up to three ids, best first; an empty list is a good answer.\n${list}`,
    `${symptoms(findings)}\n${fence(lastErrors(signals))}`,
  );
}

/** Which cause fits best, and why, in words for a person. */
export function judgePrompt(findings: readonly Finding[], hypotheses: readonly Hypothesis[]): Prompt {
  return prompt(
    "rank",
    'Which of these causes fits what was observed best? Name its playbook id, or "none". Then explain in at most five plain sentences what happened and how that is known.',
    `${symptoms(findings)}\n${hypotheses.map(told).join("\n")}`,
  );
}

/** Looks for what speaks against the likeliest cause. */
export function scepticPrompt(findings: readonly Finding[], top: Hypothesis): Prompt {
  return prompt(
    "sceptic",
    "Try to refute this cause: is there an observation that does not fit it, or a simpler cause that fits all? Give a doubt from 0 (none) to 3000 (refuted) and the reason in one sentence.",
    `${symptoms(findings)}\n${told(top)}`,
  );
}

function symptoms(findings: readonly Finding[]): string {
  return fence(
    findings
      .slice(0, 10)
      .map((one) => `${one.kind} on ${one.service}: ${line(one.summary)}`)
      .join("\n"),
  );
}

function told({ playbook, title, service, checks }: Hypothesis): string {
  const seen = checks.map(
    ({ question, verdict, observation }) =>
      `${question} ${verdict}: ${line(observation.status === "known" ? observation.text : observation.reason)}`,
  );
  return `Cause ${playbook} (${title}) at ${service}:\n${fence(seen.join("\n"))}`;
}

function lastErrors(signals: readonly Signal[]): string {
  return only(signals, "log")
    .filter((one) => one.level === "error" || one.level === "fatal" || one.level === "warn")
    .slice(-MOST_LINES)
    .map((one) => line(one.text))
    .join("\n");
}
