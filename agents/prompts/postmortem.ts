// What a language model is asked about a postmortem: a short summary and lessons, each sentence with the records that
// it rests on. Sentences without are dropped by code.
import type { Claim, Postmortem } from "../desk/postmortem.ts";
import { fence, line, type Prompt, prompt } from "./prompt.ts";

const MOST_ENTRIES = 60;

const told = ({ text, cites }: Claim) => `[${cites.join(", ")}] ${line(text)}`;

export function postmortemPrompt({
  title,
  summary,
  rootCause,
  timeline,
  done,
  didNotHelp,
}: Postmortem): Prompt {
  const lines = [
    `Incident: ${line(title)}`,
    ...summary.map(told),
    ...(rootCause ? [`[${rootCause.cites.join(", ")}] Cause: ${line(rootCause.cause)}`] : []),
    ...timeline
      .slice(0, MOST_ENTRIES)
      .map((one) => `[${one.ref}] ${new Date(one.at).toISOString()} ${line(one.text)}`),
    ...done.map(told),
    ...didNotHelp.map(told),
  ];
  return prompt(
    "postmortem",
    "Write a summary (at most five sentences) and lessons (at most five) for a blameless postmortem. Each is one " +
      "sentence with `cites`: the ids in square brackets that it rests on, exactly as they stand. Say nothing that " +
      "no record says.",
    fence(lines.join("\n")),
  );
}
