// What a language model is asked about a diagnosis, one narrow step each: further causes, what to look at first, which
// cause fits best, what speaks against it, and how to say it plainly. Whoever asks has an answer by rules at hand.
import type { Hypothesis } from "../../domain/diagnosis.ts";
import type { Finding } from "../../domain/finding.ts";
import type { Playbook } from "../../domain/playbook.ts";
import { only, type Signal } from "../../domain/signal.ts";
import { fence, line, type Prompt, prompt } from "./prompt.ts";

const MOST_LINES = 20;
const LIST_CHARACTERS = 5_000;

/** May name further playbooks from the list. */
export function suggestPrompt(
  findings: readonly Finding[],
  signals: readonly Signal[],
  others: readonly Playbook[],
): Prompt {
  return prompt(
    "classify",
    `Which of these failures, beside those already considered, could explain the symptoms? Name up to three ids, best first; an empty list is a good answer.\n${listOf(others)}`,
    `${symptoms(findings)}\n${fence(lastErrors(signals))}`,
  );
}

/** With the words that people use for each, as far as there is room beside the symptoms. */
function listOf(playbooks: readonly Playbook[]): string {
  const words = Math.floor(LIST_CHARACTERS / Math.max(1, playbooks.length));
  return playbooks
    .map(({ id, title, vocabulary }) => `- ${id}: ${title} (${vocabulary.join(", ")})`.slice(0, words))
    .join("\n");
}

/** What to look at first; ids of checks with their questions. */
export function orderPrompt(findings: readonly Finding[], checks: ReadonlyMap<string, string>): Prompt {
  const list = [...checks].map(([id, question]) => `- ${id}: ${question}`).join("\n");
  return prompt(
    "order",
    `In which order would you make these checks, the most telling one first? All of them will be made. Give their ids.\n${list}`,
    symptoms(findings),
  );
}

/** Which cause fits best. */
export function judgePrompt(findings: readonly Finding[], hypotheses: readonly Hypothesis[]): Prompt {
  return prompt(
    "rank",
    'Which of these causes fits what was observed best? Name its playbook id, or "none", and how sure you are in percent.',
    `${symptoms(findings)}\n${hypotheses.map(told).join("\n")}`,
    2,
  );
}

/** Plain words for a person who was just woken up. */
export function explainPrompt(findings: readonly Finding[], hypotheses: readonly Hypothesis[]): Prompt {
  return prompt(
    "explain",
    "Explain in at most five plain sentences what happened and how that is known. The first cause is the likeliest. Use only what is observed here; placeholders such as «ip-1» stay as they are.",
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
