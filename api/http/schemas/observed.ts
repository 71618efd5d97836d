// How what was observed is sent: the same fields, times as ISO 8601.
import { z } from "zod";
import { logLevels } from "../../../domain/signal.ts";
import type { MetricSeries } from "../../../knowledge/observations.ts";
import type { LogSourceAnswer, PatternAnswer, PatternStory, SeenLogLine } from "../../observed.ts";
import { isoTime } from "../iso-times.ts";

/** A schema that sends a T. */
type Sends<T> = z.ZodType<unknown, T>;

const level = z.enum(logLevels);

export const logLine = z
  .object({
    id: z.int(),
    at: isoTime,
    service: z.string(),
    level,
    source: z.string(),
    pattern: z.string().optional(),
    traceId: z.string().optional(),
    text: z.string(),
  })
  .meta({ id: "LogLine" }) satisfies Sends<SeenLogLine>;

export const logSource = z
  .object({ service: z.string(), source: z.string(), ok: z.boolean(), text: z.string(), at: isoTime })
  .meta({ id: "LogSource" }) satisfies Sends<LogSourceAnswer>;

const pattern = z.object({
  id: z.string(),
  service: z.string(),
  template: z.string().describe("<*> stands for what varies"),
  level: level.describe("The gravest that its lines had"),
  firstSeen: isoTime,
  lastSeen: isoTime,
  lines: z.int(),
  trend: z
    .enum(["new", "rising", "steady", "falling", "vanished"])
    .nullable()
    .describe("null where this process has not read the service's lines"),
  burst: z
    .object({ lines: z.int(), usual: z.number() })
    .nullable()
    .describe("Lines in the last minute, far above what a minute usually has"),
});

export const logPattern = pattern.meta({ id: "LogPattern" }) satisfies Sends<PatternAnswer>;

export const logPatternStory = pattern
  .extend({
    examples: z.array(z.string()),
    counts: z.array(z.object({ at: isoTime, lines: z.int() })),
  })
  .meta({ id: "LogPatternStory" }) satisfies Sends<PatternStory>;

export const metricSeries = z
  .object({
    service: z.string(),
    name: z.string(),
    measuredOn: z.string(),
    points: z.array(
      z.object({ at: isoTime, mean: z.number(), lowest: z.number(), highest: z.number(), samples: z.int() }),
    ),
  })
  .meta({ id: "MetricSeries" }) satisfies Sends<MetricSeries>;
