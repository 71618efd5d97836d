// A signal is one observation: when, of which service, from which source, and what was seen.
import { z } from "zod";
import { databaseLookSchema } from "./database.ts";

const seen = { service: z.string(), at: z.number() };

export const containerHealth = ["healthy", "unhealthy", "starting", "none"] as const;
export const runStatuses = ["running", "exited", "restarting", "paused", "created", "absent"] as const;
export const logLevels = ["debug", "info", "warn", "error", "fatal", "unknown"] as const;

/** One health check: reachable, right answer, in time. `latencyMs` is absent when nothing answered. */
export const probeSignalSchema = z.object({
  kind: z.literal("probe"),
  ...seen,
  probe: z.string(),
  ok: z.boolean(),
  latencyMs: z.number().optional(),
  status: z.number().optional(),
  /** "timeout", "refused", "dns", "status", "slow", "exit", "other". */
  failure: z.string().optional(),
  error: z.string().optional(),
  /** End of the certificate that was shown, Unix ms. */
  certificateEndsAt: z.number().optional(),
  /** The other side's clock minus ours, ms, where its answer told the time (to the second). */
  clockOffsetMs: z.number().optional(),
});

/** What the runtime (Docker, process table) says about the service. */
export const stateSignalSchema = z.object({
  kind: z.literal("state"),
  ...seen,
  status: z.enum(runStatuses),
  health: z.enum(containerHealth).default("none"),
  /** Changes with every start, so that a restart is told from no restart. */
  instance: z.string().default(""),
  exitCode: z.number().optional(),
  oomKilled: z.boolean().default(false),
  startedAt: z.number().optional(),
  finishedAt: z.number().optional(),
  restartCount: z.number().default(0),
  stoppedByOperator: z.boolean().default(false),
  replicas: z.number().default(1),
  /** Of a container that was made and never started. */
  createdAt: z.number().optional(),
  /** The runtime's own words where it could not start it at all. */
  startError: z.string().optional(),
  /** What a repair has gone back to and runs instead of what is configured or was rolled out. */
  goneBackTo: z.string().optional(),
});

export const metricNames = [
  "cpu",
  "memory",
  "disk",
  "memory-bytes",
  "error-rate",
  "request-rate",
  "connections",
  "query-time",
  "cache-hit-rate",
  "replication-lag",
  "size",
  "open-files",
  "threads",
  "zombies",
  "inodes",
] as const;

/**
 * A number. cpu, memory, disk, connections, error-rate, cache-hit-rate, open-files, threads, inodes are ratios 0–1 of what
 * the service (or host) may use; query-time and replication-lag milliseconds, size bytes; zombies are ended processes
 * that nobody has collected.
 */
export const metricSignalSchema = z.object({
  kind: z.literal("metric"),
  ...seen,
  name: z.enum(metricNames),
  value: z.number(),
  /** What it was measured on: "service", "host", a mount point. */
  of: z.string().default("service"),
  limit: z.number().optional(),
});

/** One log event; a stack trace is part of its event. */
export const logSignalSchema = z.object({
  kind: z.literal("log"),
  ...seen,
  level: z.enum(logLevels),
  text: z.string(),
  source: z.string(),
  /** Id of its pattern, where one was mined. */
  pattern: z.string().optional(),
});

/** Something the runtime announced. */
export const eventSignalSchema = z.object({
  kind: z.literal("event"),
  ...seen,
  event: z.enum(["die", "oom", "start", "stop", "kill", "unhealthy", "healthy", "destroy"]),
  exitCode: z.number().optional(),
  instance: z.string().optional(),
});

/** A file of the service that differs from its last known good version. */
export const changeSignalSchema = z.object({
  kind: z.literal("change"),
  ...seen,
  path: z.string(),
  /** Version (commit) in opsmedic's own git store that was in place while the service was healthy. */
  goodVersion: z.string(),
  summary: z.string(),
});

/** Something through which a service is seen (its state, a log, a metrics page), where it could not be read or can be
 * read again. It says nothing about the service. */
export const sourceSignalSchema = z.object({
  kind: z.literal("source"),
  ...seen,
  /** "state", "probe", "log /srv/shop/app.log", "metrics http://…". */
  source: z.string(),
  ok: z.boolean(),
  /** Since when it has been as it is. */
  since: z.number(),
  error: z.string().optional(),
  /** What would help. */
  hint: z.string().optional(),
});

/** What one look into a database of the service read, beside its metrics. */
export const databaseSignalSchema = z.object({
  kind: z.literal("database"),
  ...seen,
  ...databaseLookSchema.shape,
});

export const signalSchema = z.discriminatedUnion("kind", [
  probeSignalSchema,
  stateSignalSchema,
  metricSignalSchema,
  logSignalSchema,
  eventSignalSchema,
  changeSignalSchema,
  sourceSignalSchema,
  databaseSignalSchema,
]);

export type ProbeSignal = z.infer<typeof probeSignalSchema>;
export type StateSignal = z.infer<typeof stateSignalSchema>;
export type MetricSignal = z.infer<typeof metricSignalSchema>;
export type LogSignal = z.infer<typeof logSignalSchema>;
export type EventSignal = z.infer<typeof eventSignalSchema>;
export type ChangeSignal = z.infer<typeof changeSignalSchema>;
export type SourceSignal = z.infer<typeof sourceSignalSchema>;
export type DatabaseSignal = z.infer<typeof databaseSignalSchema>;
export type Signal = z.infer<typeof signalSchema>;

/** The signals of one kind, oldest first as given. */
export function only<K extends Signal["kind"]>(
  signals: readonly Signal[],
  kind: K,
): Extract<Signal, { kind: K }>[] {
  return signals.filter((one): one is Extract<Signal, { kind: K }> => one.kind === kind);
}
