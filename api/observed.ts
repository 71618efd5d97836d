// What a person can ask about what was observed: log lines, their sources, patterns, numbers over time.
import type { Prediction, SeenAnomaly } from "../agents/metric-watch.ts";
import type { LogLevel } from "../domain/log-level.ts";
import type { LogPatternRecord, KeptLogLine, MetricSeries } from "../knowledge/observations.ts";
import type { Cluster } from "../signals/clusters/clusters.ts";
import type { PatternView } from "../signals/patterns/pattern-history.ts";

export interface SeenLogLine extends KeptLogLine {
  id: number;
}

export interface LogSourceAnswer {
  service: string;
  /** "docker", "process", or the path or glob of files. */
  source: string;
  ok: boolean;
  text: string;
  /** Since when it has been so. */
  at: number;
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
  /** Errors and warnings that belong together, the one with most lines first. */
  clusters(): Promise<ClusterAnswer[]>;
  /** What is strange just now, the strangest first. */
  anomalies(): Promise<SeenAnomaly[]>;
  predictions(query: { service?: string }): Promise<Prediction[]>;
  /** Without times: the last day, by five minutes. */
  metricsHistory(query: {
    from?: number;
    to?: number;
    stepMs?: number;
    service?: string;
    names?: string[];
  }): Promise<MetricSeries[]>;
}
