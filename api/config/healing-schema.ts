// What may be written about healing: the mode, the gate, validation, breaker, windows and thresholds.
import { z } from "zod";
import { risks } from "../../domain/playbook.ts";
import { duration, interval, percent, word } from "./fields.ts";
import { modeSchema } from "./service-schema.ts";
import { windowSchema } from "./window-schema.ts";

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
      .default(ALLOW_FLOOR)
      .describe(
        "From this confidence in percent on, a fix is made without asking; can be raised, never lowered",
      ),
    ask: z
      .number()
      .min(0)
      .max(100)
      .default(60)
      .describe("From here on a person is asked; below, an alert goes out"),
    maxServices: z.int().min(1).default(3).describe("How many services one fix may touch"),
  })
  .refine(({ allow, ask }) => ask <= allow, { error: "Must not be above gate.allow", path: ["ask"] });

export const healingSchema = z.strictObject({
  mode: modeSchema
    .default("auto")
    .describe(
      "observe: decide, do nothing, keep score; approve: ask before every fix; auto: ask only where it is less sure",
    ),
  autonomy: z
    .enum(["given", "earned"])
    .default("given")
    .describe(
      "given: in mode auto the confidence alone counts; earned: a cause-and-fix pair asks until its decisions were right often enough",
    ),
  earning: z
    .strictObject({
      decisions: z.int().min(3).max(1_000).default(10).describe("So many scored decisions at least"),
      bound: percent()
        .default("70%")
        .describe("Lower end of the 95 % interval of the share of right ones; ten of ten reach 72 %"),
    })
    .prefault({}),
  every: interval("1s").default("5m").describe("The full sweep"),
  watch: interval("100ms").default("5s").describe("Probes between sweeps"),
  gate: gateSchema.prefault({}),
  validate: z
    .strictObject({
      for: interval("100ms").default("120s").describe("How long a fix is watched before it counts as healed"),
      maxErrorIncrease: percent()
        .default("20%")
        .describe("More errors than before by this much: the fix is taken back"),
    })
    .prefault({}),
  breaker: z
    .strictObject({
      attempts: z
        .int()
        .min(1)
        .max(20)
        .default(3)
        .describe("So many fixes of one service within `within`, then a person is needed"),
      within: duration({ min: "1s" }).default("5m").describe("The time in which attempts are counted"),
      cooldown: duration()
        .default("120s")
        .describe("Between two fixes of a service; doubled after each further restart in a row"),
      longestCooldown: duration({ min: "1s" })
        .optional()
        .describe(
          "It is doubled up to this; default: 8 times cooldown. Twice as long without a restart ends the row",
        ),
      symptomReturns: duration({ min: "1s" })
        .default("30m")
        .describe("A symptom that returns within this was not healed"),
    })
    .prefault({}),
  approvals: z
    .strictObject({
      expire: duration({ min: "1m", max: "7d" })
        .default("30m")
        .describe("Nobody decided: escalated, never approved"),
      twoPersons: z
        .array(z.enum(risks))
        .default(["high"])
        .describe("Risks that two different people must approve; [] where there is only one"),
    })
    .prefault({}),
  backups: z
    .strictObject({
      keep: duration({ min: "1d" }).default("30d").describe("Older backups are removed"),
      copiesIn: word()
        .optional()
        .describe(
          "Folder for copies of what a clean-up takes away, best on another disk; default: dataDir/set-aside",
        ),
    })
    .prefault({}),
  ownIndexes: z
    .strictObject({
      lookEvery: interval("1m").default("1h").describe("How often an index that opsmedic made is looked at"),
      judgeAfter: duration({ min: "1m", max: "7d" })
        .default("6h")
        .describe("From this age on it is compared what statements cost with it and without"),
      unusedFor: duration({ min: "1h", max: "30d" })
        .default("3d")
        .describe("One that no statement uses for so long is dropped again"),
    })
    .prefault({}),
  never: z
    .array(
      z.strictObject({
        service: word().describe('A service, or "*" for all'),
        action: word().describe("An action that is never taken, such as restart or docker.*"),
      }),
    )
    .default([]),
  windows: z.array(windowSchema).default([]),
});

export const thresholdsSchema = z.strictObject({
  cpu: percent().default("90%").describe("Of what the service may use"),
  memory: percent().default("90%").describe("Of its limit, or of the machine"),
  disk: percent().default("95%").describe("Of a file system"),
  errorRate: percent().default("20%").describe("Of the answers"),
  latency: duration({ min: "1ms" }).default("5s").describe("Of an answer"),
  queryTime: duration({ min: "1ms" })
    .default("100ms")
    .describe("Of the statements that matter in a database, on average"),
  cacheHitRate: percent()
    .default("80%")
    .describe("Least share of reads that a database answers from its cache"),
});
