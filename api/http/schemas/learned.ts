// How what was learned is sent: the same fields, times as ISO 8601.
import { z } from "zod";
import { type Insights, insightsSchema } from "../../../agents/desk/insights.ts";
import { earlySignSchema } from "../../../domain/early-sign.ts";
import type { CalibrationAnswer, WatchAnswer } from "../../learned.ts";
import { isoTime, withIsoTimes } from "../iso-times.ts";

/** A schema that sends a T. */
type Sends<T> = z.ZodType<unknown, T>;

const share = z.number().describe("0 to 1");

export const calibration = z
  .object({
    since: isoTime,
    count: z.int(),
    successes: z.int(),
    bins: z.array(
      z.object({
        fromBp: z.int().describe("Stated confidences from this one on, basis points: 8500 = 85 %"),
        toBp: z.int().describe("and below this one; the last bin has 10000 in it"),
        count: z.int(),
        successes: z.int(),
        meanConfidence: share,
        successShare: share,
        interval: z.object({ low: share, high: share }).describe("95 %, Wilson"),
      }),
    ),
    brier: z
      .object({
        score: z.number().describe("reliability - resolution + uncertainty + withinBins; 0 is perfect"),
        reliability: z.number(),
        resolution: z.number(),
        uncertainty: z.number(),
        withinBins: z.number(),
      })
      .nullable(),
    meanError: z.number().nullable(),
    by_playbook: z.array(
      z.object({
        playbook: z.string(),
        count: z.int(),
        successes: z.int(),
        meanConfidence: share,
        successShare: share,
      }),
    ),
  })
  .meta({ id: "Calibration" }) satisfies Sends<CalibrationAnswer>;

export const watch = z
  .object({
    id: z.string(),
    service: z.string(),
    signature: z.string(),
    kind: z.string().describe("The symptom that it warns of"),
    fromIncident: z.string(),
    createdAt: isoTime,
    sign: earlySignSchema.nullable().describe("null: nothing that was seen moved before it"),
    told: z.string().describe("The sign in words, or why there is none"),
    showing: z.boolean().nullable(),
    warnings: z.int().describe("Of the last 30 days"),
    lastWarningAt: isoTime.nullable(),
  })
  .meta({ id: "Watch" }) satisfies Sends<WatchAnswer>;

export const insights = withIsoTimes<Insights>(insightsSchema).meta({ id: "Insights" });
