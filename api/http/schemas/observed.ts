// How what was observed is sent: the same fields, times as ISO 8601.
import { z } from "zod";
import { severities } from "../../../domain/finding.ts";
import { logLevels } from "../../../domain/signal.ts";
import type { MetricSeries } from "../../../knowledge/observations.ts";
import type {
  ClusterAnswer,
  LogSourceAnswer,
  PatternAnswer,
  PatternStory,
  RuleAnswer,
  SeenLogLine,
} from "../../observed.ts";
import type { SeenAnomaly } from "../../../agents/metric-watch.ts";
import type { Prediction } from "../../../agents/prediction.ts";
import { type Outage, outageSchema } from "../../../domain/outage.ts";
import { isoTime, withIsoTimes } from "../iso-times.ts";

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
  .object({
    service: z.string().describe("Empty for a source whose lines belong to several"),
    source: z.string(),
    ok: z.boolean(),
    text: z.string(),
    at: isoTime.describe("Since when it has been so"),
    hint: z.string().optional().describe("What would help"),
    lagMs: z.number().optional().describe("How far behind now an outside source is read"),
    lastEventAt: isoTime.optional().describe("Time of its latest event"),
  })
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

const drift = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("level"), since: isoTime, before: z.number(), after: z.number() }),
  z.object({
    kind: z.literal("value"),
    since: isoTime,
    before: z.string(),
    after: z.string(),
    share: z.number(),
  }),
]);

export const logPatternStory = pattern
  .extend({
    examples: z.array(z.string()),
    counts: z.array(z.object({ at: isoTime, lines: z.int() })).describe("Five minutes, of the last day"),
    days: z.array(z.object({ at: isoTime, lines: z.int() })).describe("UTC, as far as counts are kept"),
    seenOn: z.int().describe("Days that had lines"),
    course: z
      .enum(["learning", "rising", "steady", "falling", "gone"])
      .describe("Over days; learning: known for less than three"),
    sameHour: z
      .object({
        lines: z.int(),
        usual: z.number(),
        days: z.int(),
        unusual: z.enum(["more", "less"]).nullable(),
      })
      .nullable()
      .describe("The last hour, and what the same hour of earlier days had"),
    newSince: z
      .object({ at: isoTime, what: z.string() })
      .nullable()
      .describe("The start or change after which it came up"),
    parameters: z
      .array(
        z.object({
          name: z.string(),
          unit: z.enum(["ms", "bytes", ""]),
          windows: z
            .array(
              z.object({
                at: isoTime,
                median: z.number(),
                low: z.number(),
                high: z.number(),
                samples: z.int(),
              }),
            )
            .describe("Median and quartiles by five minutes; empty for words"),
          values: z.array(z.object({ value: z.string(), share: z.number() })),
          drift: drift.nullable().describe("Another level or value than in the hours before"),
        }),
      )
      .describe("What varies in its lines; empty where nobody has read enough of them"),
  })
  .meta({ id: "LogPatternStory" }) satisfies Sends<PatternStory>;

export const logRule = z
  .object({
    name: z.string(),
    match: z.string().describe("A regular expression in RE2's syntax"),
    service: z.string().nullable().describe("null: every service"),
    level: level.nullable().describe("This level and graver ones; null: all"),
    severity: z.enum(severities),
    threshold: z.object({ lines: z.int(), within: z.string() }),
    hint: z.string().nullable(),
    origin: z.enum(["configuration", "api"]),
    services: z
      .array(
        z.object({
          service: z.string(),
          lines: z.int(),
          lastAt: isoTime,
          now: z.int().nullable().describe("Within the rule's time; null where nobody reads lines"),
        }),
      )
      .describe("Whose lines fitted it in the last day"),
  })
  .meta({ id: "LogRule" }) satisfies Sends<RuleAnswer>;

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

const seriesName = { service: z.string(), name: z.string(), measuredOn: z.string() };

export const anomaly = z
  .object({
    ...seriesName,
    at: isoTime,
    value: z.number(),
    score: z.number().describe("0 to 1; 0.5 and above at the first minute of an episode: the alarm"),
    ongoing: z.boolean(),
    kind: z.enum(["spike", "level", "drift", "variance", "flat", "absence", "pattern"]).exactOptional(),
    expected: z.number().exactOptional(),
  })
  .meta({ id: "Anomaly" }) satisfies Sends<SeenAnomaly>;

const never = z.literal("never");

export const prediction = z
  .object({
    ...seriesName,
    at: isoTime,
    aheadSeconds: z.int().describe("How far it looks: 900, or days"),
    stepSeconds: z.int().describe("Between the values of ahead"),
    last: z.number(),
    ahead: z
      .object({ mean: z.array(z.number()), lo: z.array(z.number()), hi: z.array(z.number()) })
      .exactOptional()
      .describe("The next values, left out while silenced; lo to hi should hold 9 values in 10"),
    standing: z
      .object({
        status: z
          .enum(["learning", "shown", "silenced"])
          .describe("silenced: worse than a plain forecast of late"),
        reason: z.enum(["worse than naive", "interval too narrow"]).exactOptional(),
        error: z.number().exactOptional(),
        naiveError: z.number().exactOptional(),
        inside: z.number().exactOptional(),
      })
      .describe("How good the forecasts of this series have been, over its own past"),
    limit: z.number().exactOptional(),
    untilLimit: z
      .union([never, z.object({ seconds: z.number(), lo: z.number(), hi: z.union([z.number(), never]) })])
      .exactOptional()
      .describe(
        "In how many seconds the limit is reached, nine times in ten between lo and hi; left out while silenced, but where a ramp has just begun",
      ),
    byRamp: z
      .literal(true)
      .exactOptional()
      .describe("untilLimit is by the line of a ramp that has just begun"),
  })
  .meta({ id: "Prediction" }) satisfies Sends<Prediction>;

export const outage = withIsoTimes<Outage>(outageSchema).meta({ id: "Outage" });

export const logCluster = z
  .object({
    id: z.string(),
    name: z.string(),
    confidence: z.number(),
    lines: z.int(),
    forms: z.int(),
    services: z.array(z.string()),
    firstAt: isoTime.nullable(),
    lastAt: isoTime.nullable(),
    together: z.array(z.object({ id: z.string(), share: z.number() })),
    sample: z.string(),
  })
  .meta({ id: "LogCluster" }) satisfies Sends<ClusterAnswer>;
