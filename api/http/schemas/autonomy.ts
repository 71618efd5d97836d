// How decisions and earned autonomy are sent: the same fields, times as ISO 8601.
import { z } from "zod";
import { decisionEndings, decisionOutcomes } from "../../../domain/autonomy.ts";
import { decisions } from "../../../domain/plan.ts";
import type { AutonomyAnswer, PairAnswer, PairStory } from "../../autonomy.ts";
import { isoTime } from "../iso-times.ts";

/** A schema that sends a T. */
type Sends<T> = z.ZodType<unknown, T>;

const counts = z.object({
  total: z.int(),
  right: z.int(),
  wrong: z.int(),
  unclear: z.int().describe("Nothing tells: these count for nothing"),
  open: z.int().describe("Not scored yet"),
});

const pair = z.object({
  id: z.string(),
  service: z.string(),
  playbook: z.string().describe("The cause"),
  fix: z.string(),
  alone: z.boolean().describe("It may act alone where the rest of the gate allows it"),
  earnedAt: isoTime.nullable(),
  rights: z.int().describe("Since autonomy was last lost or taken away, as the next two"),
  wrongs: z.int(),
  lowerBp: z
    .int()
    .describe("Lower end of the 95 % interval (Wilson) of the share of right ones, basis points"),
  lostAt: isoTime.nullable(),
  lostBecause: z.string().nullable(),
  decisions: counts.describe("All of them, also those that do not count any more"),
});

export const autonomyPair = pair.meta({ id: "AutonomyPair" }) satisfies Sends<PairAnswer>;

export const autonomyStory = pair
  .extend({
    history: z.array(
      z.object({
        id: z.string(),
        fixClass: z.string(),
        title: z.string(),
        cause: z.string(),
        scoreBp: z.int(),
        decision: z.enum(decisions),
        against: z.array(z.string()).describe("Rules of the gate that stood against it"),
        would: z.boolean().describe("Nothing stood against it but the mode and missing autonomy"),
        runIds: z.array(z.string()),
        incidentIds: z.array(z.string()),
        signatures: z.array(z.string()),
        times: z.int().describe("How often the same was decided before it could be scored"),
        at: isoTime,
        lastAt: isoTime,
        sameDoneAt: isoTime.nullable().describe("When somebody else was seen to have done the same"),
        said: z.enum(["right", "wrong"]).nullable().describe("What a person said of the cause"),
        outcome: z.enum(decisionOutcomes).nullable(),
        ending: z.enum(decisionEndings).nullable(),
        told: z.string().nullable(),
        scoredAt: isoTime.nullable(),
      }),
    ),
    revocations: z.array(z.object({ at: isoTime, by: z.string(), reason: z.string() })),
  })
  .meta({ id: "AutonomyStory" }) satisfies Sends<PairStory>;

export const autonomyReport = z
  .object({
    grant: z.enum(["given", "earned"]),
    least: z.int(),
    boundBp: z.int(),
    would_have_fixed: counts,
    pairs: z.array(autonomyPair),
  })
  .meta({ id: "Autonomy" }) satisfies Sends<AutonomyAnswer>;
