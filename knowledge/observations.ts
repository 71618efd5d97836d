// What is kept of the stream of observations: numbers by the minute, log patterns with counts, log lines by budget,
// and what was learned from them. Times are Unix ms.
import type { LogRule } from "../domain/log-rule.ts";
import type { LogSignal } from "../domain/signal.ts";
import type { Json, JsonObject } from "../domain/json.ts";

export interface SeriesName {
  service: string;
  /** "cpu", "memory", "latency", … */
  name: string;
  /** "service", "host", a mount point, a probe. */
  measuredOn: string;
}

/** All samples of one series in one bucket. */
export interface MetricPoint extends SeriesName {
  /** Start of the bucket. */
  at: number;
  samples: number;
  total: number;
  lowest: number;
  highest: number;
}

export interface MetricSeries extends SeriesName {
  points: { at: number; mean: number; lowest: number; highest: number; samples: number }[];
}

export interface MetricHistory {
  /** Points of one minute each; what is added to the same minute again is joined with it. */
  add(points: readonly MetricPoint[]): Promise<void>;
  /** Means by step, oldest first; at most 500 series and 5,000 points each. */
  read(query: {
    from: number;
    to: number;
    stepMs: number;
    service?: string | undefined;
    names?: readonly string[] | undefined;
  }): Promise<MetricSeries[]>;
  /** Minutes from before `olderThan` become quarters of an hour; how many rows went. */
  rollUp(olderThan: number): Promise<number>;
}

export interface LogPatternRecord {
  service: string;
  /** The template's, stable over restarts. */
  id: string;
  template: string;
  level: LogSignal["level"];
  firstSeen: number;
  lastSeen: number;
  lines: number;
  /** A few lines as they came, secrets masked. */
  examples: string[];
}

export interface LogPatternCount {
  service: string;
  pattern: string;
  /** Start of the five minutes. */
  at: number;
  lines: number;
}

/** What is new of a pattern. */
export interface NotedPattern extends LogPatternRecord {
  /** Template, level and examples are those that were noted last: where the store has them, only the rest is written. */
  unchanged?: boolean;
}

export interface LogPatterns {
  /** New lines of patterns since the last call: `lines` is added, the rest replaced; counts are added, too. */
  note(patterns: readonly NotedPattern[], counts: readonly LogPatternCount[]): Promise<void>;
  /** The latest first. `text` is looked for in templates. */
  list(query: {
    limit: number;
    service?: string | undefined;
    text?: string | undefined;
    before?: Pick<LogPatternRecord, "service" | "id" | "lastSeen"> | undefined;
  }): Promise<LogPatternRecord[]>;
  read(service: string, id: string): Promise<LogPatternRecord | undefined>;
  /** Oldest first. */
  counts(service: string, id: string, from: number, to: number): Promise<LogPatternCount[]>;
}

export interface KeptLogLine {
  service: string;
  at: number;
  level: LogSignal["level"];
  source: string;
  text: string;
  pattern?: string | undefined;
  traceId?: string | undefined;
}

export interface LogLines {
  add(lines: readonly KeptLogLine[]): Promise<void>;
  /** The latest first. `text` is looked for as it stands, upper and lower case alike. */
  list(query: {
    limit: number;
    service?: string | undefined;
    levels?: readonly LogSignal["level"][] | undefined;
    text?: string | undefined;
    from?: number | undefined;
    to?: number | undefined;
    before?: { at: number; id: number } | undefined;
  }): Promise<(KeptLogLine & { id: number })[]>;
  /** Kept lines of each pattern by the minute, within [from, to); at most 20,000 of the latest. */
  minutes(
    service: string,
    from: number,
    to: number,
  ): Promise<{ pattern: string; at: number; lines: number }[]>;
  /** Keeps the newest lines of each service; how many went. */
  keepNewest(perService: number): Promise<number>;
}

/** Lines that fitted a rule. */
export interface LogRuleCount {
  rule: string;
  service: string;
  /** Start of the five minutes. */
  at: number;
  lines: number;
  lastAt: number;
}

export type LogRuleSum = Omit<LogRuleCount, "at">;

/** Rules that were made while running; those of the configuration are not in here, their counts are. */
export interface LogRules {
  /** By name. */
  list(): Promise<LogRule[]>;
  /** Makes it, or takes the place of the one with its name. */
  put(rule: LogRule, by: string): Promise<void>;
  /** false: there was none. */
  remove(name: string): Promise<boolean>;
  /** Counts are added to what is there. */
  note(counts: readonly LogRuleCount[]): Promise<void>;
  /** Since `from`, by rule and service. */
  sums(from: number): Promise<LogRuleSum[]>;
}

/** What log lines said, and which they were: stored together or not at all. */
export interface LogBatch {
  patterns: readonly NotedPattern[];
  counts: readonly LogPatternCount[];
  /** After they were counted. */
  joined: readonly JoinedPattern[];
  lines: readonly KeptLogLine[];
  /** Events from outside that are among them; a number stands for each. */
  taken: readonly number[];
  /** How far their sources were read. */
  places: readonly LogPlace[];
}

/** Two patterns turned out to be one: counts and lines of the first belong to the second. */
export interface JoinedPattern {
  service: string;
  from: string;
  into: string;
}

export interface LogPlace {
  source: string;
  /** Of the lease under which it was read: an older one never moves the place of a newer one. */
  token: number;
  /** Plain data. */
  place: object;
}

export interface TakenLogs {
  /** How far a source was read. */
  place(source: string): Promise<Json | undefined>;
  /** The newest `most` numbers of events of batches behind `after` (0: all), the oldest first. */
  since(after: number, most: number): Promise<{ last: number; ids: number[] }>;
  /** Forgets batches from before `olderThan`, and what is beyond the newest `most` events. */
  tidy(limits: { olderThan: number; most: number }): Promise<void>;
}

export interface LearnedSignals {
  save(name: string, state: JsonObject): Promise<void>;
  read(name: string): Promise<JsonObject | undefined>;
}

export interface Observations {
  metrics: MetricHistory;
  patterns: LogPatterns;
  lines: LogLines;
  rules: LogRules;
  learned: LearnedSignals;
  taken: TakenLogs;
  saveLogs(batch: LogBatch): Promise<void>;
  /** Numbers, and logs with their patterns, from before these times go; how many rows. */
  prune(before: { metrics: number; logs: number }): Promise<number>;
}
