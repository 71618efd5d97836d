// A rule about log lines as people write it, in opsmedic.yaml and through the API.
import { z } from "zod";
import { type LogRule, LONGEST_WITHIN_MS, MOST_RULES, RULE_NAME } from "../../domain/log-rule.ts";
import { severities } from "../../domain/finding.ts";
import { logLevels } from "../../domain/signal.ts";
import { fitsIntoOneSet, readExpression } from "../../signals/expressions/re2.ts";
import { duration, word } from "./fields.ts";
import { durationText, ms } from "./units.ts";

export const logRuleInput = z.strictObject({
  name: z
    .string()
    .describe("How the rule is called; letters, digits, dot, dash, underscore")
    .regex(RULE_NAME, { error: "Not a name: letters, digits, dot, dash and underscore, at most 63" }),
  match: z
    .string()
    .describe("Regular expression (RE2): found anywhere in a line's first 4,000 characters")
    .superRefine((text, context) => {
      const read = readExpression(text);
      if ("problem" in read) context.addIssue(read.problem);
    }),
  service: word().max(200).optional().describe("Only lines of this service; default: of all"),
  level: z
    .enum(logLevels)
    .exclude(["unknown"])
    .optional()
    .describe("Only lines of this level and graver ones; default: all lines"),
  severity: z
    .enum(severities)
    .default("info")
    .describe("info: only shown; warning and critical: an incident, for a person"),
  threshold: z
    .strictObject({
      lines: z.int().min(1).max(1_000_000).default(1).describe("From so many lines on it is told"),
      within: duration({ min: "10s", max: durationText(LONGEST_WITHIN_MS) })
        .default("5m")
        .describe("The time in which lines are counted"),
    })
    .prefault({}),
  hint: z.string().max(300).optional().describe("What whoever is told should know or do"),
});
export type LogRuleInput = z.output<typeof logRuleInput>;

export const logRulesSchema = z
  .array(logRuleInput)
  .max(MOST_RULES, { error: `Too many: at most ${MOST_RULES} rules` })
  .superRefine((rules, context) => {
    const problem = tooLarge(rules.map(({ match }) => match));
    if (problem !== undefined) context.addIssue(problem);
  });

/** All expressions together are matched at once, and so together they are bounded. */
export function tooLarge(expressions: readonly string[]): string | undefined {
  const sizes = expressions.map(readExpression).map((one) => ("size" in one ? one.size : 0));
  return fitsIntoOneSet(sizes) ? undefined : "Too large together: repeat fewer times in them, or drop some";
}

export function toLogRule({ threshold, service, level, hint, ...rest }: LogRuleInput): LogRule {
  return {
    ...rest,
    ...(service !== undefined && { service }),
    ...(level !== undefined && { level }),
    ...(hint !== undefined && { hint }),
    lines: threshold.lines,
    withinMs: ms(threshold.within),
  };
}
