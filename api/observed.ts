// What a person can ask about what was observed: log lines, their sources, patterns, numbers over time.
import type { SeenAnomaly } from "../agents/metric-watch.ts";
import type { Prediction } from "../agents/prediction.ts";
import type { LogLevel } from "../domain/log-level.ts";
import type { LogRule } from "../domain/log-rule.ts";
import type { Outage } from "../domain/outage.ts";
import type { LogPatternRecord, KeptLogLine, MetricSeries } from "../knowledge/observations.ts";
import type { Cluster } from "../signals/clusters/clusters.ts";
import type { LastChange } from "../agents/last-changes.ts";
import type { Drift, ParameterView } from "../signals/patterns/parameter-drift.ts";
import type { PatternDays } from "../signals/patterns/days.ts";
import type { PatternView } from "../signals/patterns/pattern-history.ts";
import type { LogRuleInput } from "./config/log-rule-schema.ts";
import type { Actor } from "./operations.ts";

export interface SeenLogLine extends KeptLogLine {
  id: number;
}

export interface LogSourceAnswer {
  /** Empty for a source whose lines belong to several. */
  service: string;
  /** "docker", "process", the path or glob of files, or the name of an outside source: "loki loki:3100 {…}". */
  source: string;
  ok: boolean;
  text: string;
  /** Since when it has been so. */
  at: number;
  /** What would help. */
  hint?: string | undefined;
  /** How far behind now an outside source is read. */
  lagMs?: number | undefined;
  /** Time of its latest event. */
  lastEventAt?: number | undefined;
}

/** `id` names the pattern and its service: "shop:1f2e…". */
export interface PatternAnswer extends Omit<LogPatternRecord, "examples"> {
  /** null where this process has not read the service's lines. */
  trend: PatternView["trend"] | null;
  /** In the last minute, and what a minute usually has. */
  burst: { lines: number; usual: number } | null;
}

export interface PatternStory extends PatternAnswer {
  examples: string[];
  /** Of each five minutes that had lines in the last day, oldest first. */
  counts: { at: number; lines: number }[];
  /** Day by day (UTC), as far as counts are kept. */
  days: PatternDays["days"];
  seenOn: number;
  course: PatternDays["course"];
  /** The last hour, and what the same hour of earlier days had; null before the third day. */
  sameHour:
    | (Omit<NonNullable<PatternDays["sameHour"]>, "unusual"> & { unusual: "more" | "less" | null })
    | null;
  /** The start or change after which it came up; null where none is known. */
  newSince: LastChange | null;
  /** What varies in its lines; empty where this process has not read enough of them. */
  parameters: (Omit<ParameterView, "drift"> & { drift: Drift | null })[];
}

export interface RuleAnswer extends Pick<LogRule, "name" | "match" | "severity"> {
  service: string | null;
  level: LogLevel | null;
  hint: string | null;
  threshold: { lines: number; within: string };
  origin: "configuration" | "api";
  /** Whose lines fitted it in the last day. `now`: within its time; null where this process reads no lines. */
  services: { service: string; lines: number; lastAt: number; now: number | null }[];
}

/** Times are null for lines that had none. */
export type ClusterAnswer = Omit<Cluster, "firstAt" | "lastAt"> & Record<"firstAt" | "lastAt", number | null>;

export interface Observed {
  /** The latest first. */
  logs(query: {
    limit: number;
    cursor?: string;
    service?: string;
    /** This level and graver ones. */
    level?: LogLevel;
    q?: string;
    from?: number;
    to?: number;
  }): Promise<{ logs: SeenLogLine[]; next_cursor: string | null }>;
  logSources(): Promise<LogSourceAnswer[]>;
  /** The latest first. */
  patterns(query: {
    limit: number;
    cursor?: string;
    service?: string;
    q?: string;
  }): Promise<{ patterns: PatternAnswer[]; next_cursor: string | null }>;
  /** HealError "not-found". */
  pattern(id: string): Promise<PatternStory>;
  /** `passed_over`: lines that were not looked at, because the rules were too costly for as many. */
  rules(): Promise<{ rules: RuleAnswer[]; passed_over: number }>;
  /** Makes it, or takes the place of the one with its name. HealError "rule-configured", "too-many-rules". */
  addRule(rule: LogRuleInput, actor: Actor): Promise<RuleAnswer>;
  /** HealError "not-found", "rule-configured". */
  removeRule(name: string, actor: Actor): Promise<RuleAnswer>;
  /** Errors and warnings that belong together, the one with most lines first. */
  clusters(): Promise<ClusterAnswer[]>;
  /** What is strange just now, the strangest first. */
  anomalies(): Promise<SeenAnomaly[]>;
  /** A quarter of an hour ahead; of what has a limit and changes slowly days ahead, too. */
  predictions(query: { service?: string }): Promise<Prediction[]>;
  /** What goes on at several services: where it comes from and who is hit next; those in which a service has a part. */
  outages(query: { service?: string }): Promise<Outage[]>;
  /** Without times: the last day, by five minutes. */
  metricsHistory(query: {
    from?: number;
    to?: number;
    stepMs?: number;
    service?: string;
    names?: string[];
  }): Promise<MetricSeries[]>;
}
