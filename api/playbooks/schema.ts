// A user's playbook: the schema of the shipped ones, with bounds that keep any one of its checks from opening the gate.
import { z } from "zod";
import { checkSchema, type Playbook, playbookSchema } from "../../domain/playbook.ts";
import { type JsonSchema, keysAllowedAt } from "../config/json-schema.ts";

/** What is likely before anybody has looked; the shipped ones go no higher. */
const MOST_PRIOR_BP = 4_000;
/** With the highest prior still below what the gate allows: one check alone never suffices. */
const MOST_WEIGHT_BP = 4_400;

export const userPlaybookSchema = playbookSchema.extend({
  /** The shipped playbook whose place it takes. */
  replaces: z.string().optional().describe("Id of the shipped playbook whose place it takes"),
  prior: z
    .int()
    .min(0)
    .max(MOST_PRIOR_BP)
    .describe("How likely it is before looking, in hundredths of a percent (2800 = 28 %)"),
  checks: z
    .array(
      checkSchema.extend({
        weight: z
          .int()
          .min(0)
          .max(MOST_WEIGHT_BP)
          .describe("Added when it supports, in hundredths of a percent"),
      }),
    )
    .min(1)
    .max(30),
});
export type UserPlaybook = z.infer<typeof userPlaybookSchema>;

export function plainPlaybook({ replaces: _replaces, ...rest }: UserPlaybook): Playbook {
  return playbookSchema.parse(rest);
}

/** For editors; draft-7, of what is written rather than of what is read. */
export function playbookJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(userPlaybookSchema, {
    io: "input",
    target: "draft-7",
    unrepresentable: "any",
  });
  return { title: "opsmedic playbook", ...schema };
}

export function playbookKeysAt(path: readonly PropertyKey[]): string[] {
  return keysAllowedAt(path, playbookJsonSchema());
}
