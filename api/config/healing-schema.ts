// What may be written about healing: the mode, the gate, validation, breaker, windows and thresholds.
import { z } from "zod";
import { duration, interval, percent, word } from "./fields.ts";
import { modeSchema } from "./service-schema.ts";
import { isTimezone, wrongWindow } from "./windows.ts";

/** 85 %, which no configuration can lower: see ALLOW_FLOOR_BP in domain/policy.ts. */
const ALLOW_FLOOR = 85;

const gateSchema = z
  .strictObject({
    allow: z
      .number()
      .min(ALLOW_FLOOR, {
        error: `Too small: expected number to be >=${ALLOW_FLOOR}; a fix that is less sure asks a person, so this can be raised, never lowered`,
      })
      .max(100)
      .default(ALLOW_FLOOR),
    ask: z.number().min(0).max(100).default(60),
    maxServices: z.int().min(1).default(3).describe("How many services one fix may touch"),
  })
  .refine(({ allow, ask }) => ask <= allow, { error: "Must not be above gate.allow", path: ["ask"] });

const windowSchema = z.strictObject({
  deny: z.string().superRefine((text, context) => {
    const problem = wrongWindow(text);
    if (problem !== undefined) context.addIssue(problem);
  }),
  timezone: z
    .string()
    .refine(isTimezone, {
      error: ({ input }) =>
        `Not a time zone: ${JSON.stringify(input)}; write an IANA name such as Europe/Berlin`,
    })
    .default("UTC"),
});

export const healingSchema = z.strictObject({
  mode: modeSchema.default("auto"),
  every: interval("1s").default("5m").describe("The full sweep"),
  watch: interval("100ms").default("5s").describe("Probes between sweeps"),
  gate: gateSchema.prefault({}),
  validate: z
    .strictObject({ for: interval("100ms").default("120s"), maxErrorIncrease: percent().default("20%") })
    .prefault({}),
  breaker: z
    .strictObject({
      attempts: z.int().min(1).max(20).default(3),
      within: duration({ min: "1s" }).default("5m"),
      cooldown: duration().default("120s"),
      symptomReturns: duration({ min: "1s" }).default("30m"),
    })
    .prefault({}),
  approvals: z.strictObject({ expire: duration({ min: "1m", max: "7d" }).default("30m") }).prefault({}),
  backups: z.strictObject({ keep: duration({ min: "1d" }).default("30d") }).prefault({}),
  never: z
    .array(z.strictObject({ service: word().describe('A service, or "*" for all'), action: word() }))
    .default([]),
  windows: z.array(windowSchema).default([]),
});

export const thresholdsSchema = z.strictObject({
  cpu: percent().default("90%"),
  memory: percent().default("90%"),
  disk: percent().default("95%"),
  errorRate: percent().default("20%"),
  latency: duration({ min: "1ms" }).default("5s"),
  queryTime: duration({ min: "1ms" }).default("100ms"),
  cacheHitRate: percent().default("80%"),
});
