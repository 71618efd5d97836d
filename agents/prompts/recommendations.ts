// What a language model is asked about recommendations: to say in plainer words what the rules found, and to add what an
// experienced engineer would. Numbers, cause and order stay those of the rules.
import type { Recommendations } from "../desk/recommendations.ts";
import { fence, line, type Prompt, prompt } from "./prompt.ts";

/** Answers with as many suggestions as are given, in their order, then at most three more. */
export function recommendationsPrompt({
  pattern,
  rootCause,
  resolutionSuggestions,
  preventiveMeasures,
}: Recommendations): Prompt {
  const given = resolutionSuggestions.map(
    ({ action, priority, implementation }, at) =>
      `${at + 1}. ${line(action)} (${priority}; ${line(implementation)})`,
  );
  return prompt(
    "recommendations",
    "Word each numbered suggestion for a busy operator, in the order given, without changing what it says to do. " +
      "Then you may add at most three of your own, and preventive measures that only a person can take.",
    fence(
      [
        `Symptom: ${line(pattern)}`,
        `Cause: ${line(rootCause)}`,
        ...given,
        ...preventiveMeasures.map(line),
      ].join("\n"),
    ),
  );
}
