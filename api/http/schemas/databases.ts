// How the answers about databases are sent.
import { z } from "zod";
import { databaseEngines } from "../../../domain/database.ts";
import { findingKinds, severities } from "../../../domain/finding.ts";
import type { DatabaseConnections, DatabaseHealth, DatabasePerformance } from "../../databases.ts";
import { isoTime } from "../iso-times.ts";

/** A schema that sends a T. */
type Sends<T> = z.ZodType<unknown, T>;

const number = z.number().nullable();
const text = z.string().nullable();
const problem = text.describe("Why nothing could be seen; null where it could");
const about = { service: z.string(), engine: z.enum(databaseEngines) };

export const databaseHealth = z
  .object({
    ...about,
    version: text,
    status: z.enum(["healthy", "warning", "critical", "unknown"]),
    connections: z.object({
      used: number,
      limit: number,
      active: number,
      idle_in_transaction: number,
      blocked: number.describe("Those that wait for a lock of another"),
    }),
    cache_hit_rate: number.describe("0 to 1, since the server's statistics began"),
    size_bytes: number,
    memory_limit_bytes: number,
    transactions: number.describe("Since the server's statistics began"),
    deadlocks: number.describe("Since the server's statistics began"),
    longest_transaction_ms: number,
    role: text.describe("primary or replica"),
    replication_lag_ms: number,
    issues: z.array(
      z.object({
        kind: z.enum(findingKinds),
        severity: z.enum(severities),
        summary: z.string(),
        since: isoTime,
      }),
    ),
    missing_rights: z
      .array(z.object({ what: z.string(), grant: z.string() }))
      .describe("What the role of the configuration may not see, with the statements that let it"),
    problem,
  })
  .meta({ id: "DatabaseHealth" }) satisfies Sends<DatabaseHealth>;

export const databaseConnections = z
  .object({
    ...about,
    used: number,
    limit: number,
    clients: z.array(
      z.object({
        role: z.string(),
        client: z.string(),
        address: text,
        connections: z.int(),
        active: z.int(),
        idle: z.int(),
        idle_in_transaction: z.int(),
      }),
    ),
    blockers: z
      .array(
        z.object({
          id: z.int(),
          role: z.string(),
          client: z.string(),
          state: z.string(),
          blocked: z.int(),
          transaction_ms: number,
        }),
      )
      .describe("Who holds a lock that others wait for"),
    problem,
  })
  .meta({ id: "DatabaseConnections" }) satisfies Sends<DatabaseConnections>;

export const databasePerformance = z
  .object({
    ...about,
    cache_hit_rate: number,
    slow_queries: z
      .array(
        z.object({ statement: z.string(), calls: z.number(), mean_ms: z.number(), total_ms: z.number() }),
      )
      .nullable()
      .describe("null: the server does not count statements"),
    missing_indexes: z
      .array(
        z.object({
          table: z.string(),
          column: z.string(),
          rows: z.number(),
          calls: z.number(),
          mean_ms: z.number(),
        }),
      )
      .nullable(),
    keys: z
      .object({
        sampled: z.int().describe("How many were looked at"),
        biggest: z.array(z.object({ key: z.string(), bytes: z.number() })),
        hottest: z
          .array(z.object({ key: z.string(), frequency: z.number().describe("0 to 255, as Redis counts") }))
          .nullable()
          .describe("null: its policy is no LFU policy, so that uses are not counted"),
        advice: z.array(z.string()),
      })
      .nullable()
      .describe("Of Redis; null: it is none"),
    bad_settings: z.array(z.string()),
    pool_advice: text,
    problem,
  })
  .meta({ id: "DatabasePerformance" }) satisfies Sends<DatabasePerformance>;
