// How the databases are, asked now of the databases themselves; what was found comes from the last look at them.
import { clientGroups, rootsOf } from "../agents/session-groups.ts";
import { type DatabaseLook, hitRateOf } from "../domain/database.ts";
import { HealError, messageOf } from "../domain/errors.ts";
import type { Policy } from "../domain/policy.ts";
import type { Database, Service } from "../domain/service.ts";
import type { DatabaseInspector, DatabaseInspectors } from "../tools/database-inspector.ts";
import type {
  DatabaseClient,
  DatabaseConnections,
  DatabaseHealth,
  DatabasePerformance,
  Databases,
} from "./databases.ts";
import type { HealthView } from "./healer.ts";
import { reportOfKeys } from "./redis-keys-report.ts";

export interface DatabasesParts {
  /** Absent: there are none. */
  services: () => readonly Service[];
  /** Absent: nobody looks into databases. */
  databases?: Pick<DatabaseInspectors, "of">;
  view: Pick<HealthView, "services">;
  policy: { get(): Pick<Policy, "thresholds"> };
}

const MOST_QUERIES = 10;
/** A pool that leaves so much of the server unused is none too big; one that takes so much leaves nothing for others. */
const CROWDED = 0.8;

interface Asked {
  service: Service;
  database: Database;
}

export function localDatabases(parts: DatabasesParts): Databases {
  const each = async <T>(query: { service?: string }, ask: (one: Asked) => Promise<T>): Promise<T[]> =>
    await Promise.all(chosen(parts.services(), query.service).map(ask));
  return {
    databaseHealth: (query) => each(query, (one) => healthOf(parts, one)),
    databaseConnections: (query) => each(query, (one) => connectionsOf(parts, one)),
    performance: (query) => each(query, (one) => performanceOf(parts, one)),
  };
}

function chosen(services: readonly Service[], name: string | undefined): Asked[] {
  const all = services.flatMap((service) =>
    service.database && (name === undefined || service.name === name)
      ? [{ service, database: service.database }]
      : [],
  );
  if (all.length === 0 && name !== undefined) {
    throw new HealError(`${JSON.stringify(name)} is no database of the configuration.`, {
      code: "unknown-service",
      hint: "GET /api/database/health lists them.",
    });
  }
  return all;
}

/** What cannot be seen is said, and takes nothing else along. */
async function tried<T>(
  { databases }: DatabasesParts,
  database: Database,
  ask: (inspector: DatabaseInspector) => Promise<T>,
): Promise<{ answer: T; problem: null } | { answer: undefined; problem: string }> {
  try {
    const inspector = await databases?.of(database);
    if (inspector === undefined) return { answer: undefined, problem: "nobody looks into databases here" };
    return { answer: await ask(inspector), problem: null };
  } catch (error) {
    const hint = error instanceof HealError && error.hint !== undefined ? ` ${error.hint}` : "";
    return { answer: undefined, problem: `${messageOf(error)}${hint}` };
  }
}

async function healthOf(parts: DatabasesParts, { service, database }: Asked): Promise<DatabaseHealth> {
  const { answer, problem } = await tried(parts, database, async (inspector) => {
    const look = await looked(inspector);
    return { look, missing: await inspector.missingRights() };
  });
  const seen = parts.view.services().find((one) => one.service === service.name);
  const numbers = answer?.look.numbers ?? {};
  const words = answer?.look.words ?? {};
  return {
    service: service.name,
    engine: database.kind,
    version: words.version ?? null,
    status: seen?.level ?? "unknown",
    connections: {
      used: numbers.connections ?? null,
      limit: numbers["connection-limit"] ?? null,
      active: numbers.active ?? null,
      idle_in_transaction: numbers["idle-in-transaction"] ?? null,
      blocked: numbers.blocked ?? numbers["blocked-clients"] ?? null,
    },
    cache_hit_rate: hitRate(answer?.look),
    size_bytes: numbers["size-bytes"] ?? null,
    memory_limit_bytes: numbers["memory-limit-bytes"] ?? null,
    transactions: numbers.transactions ?? null,
    deadlocks: numbers.deadlocks ?? null,
    longest_transaction_ms: numbers["longest-transaction-ms"] ?? null,
    role: words.role ?? null,
    replication_lag_ms: numbers["replication-lag-ms"] ?? null,
    issues: (seen?.findings ?? []).map(({ kind, severity, summary, since }) => ({
      kind,
      severity,
      summary,
      since,
    })),
    missing_rights: answer?.missing ?? [],
    problem,
  };
}

async function connectionsOf(
  parts: DatabasesParts,
  { service, database }: Asked,
): Promise<DatabaseConnections> {
  const { answer, problem } = await tried(parts, database, async (inspector) => {
    const { numbers } = await looked(inspector);
    return { numbers, ...(await holders(inspector)) };
  });
  return {
    service: service.name,
    engine: database.kind,
    used: answer?.numbers.connections ?? null,
    limit: answer?.numbers["connection-limit"] ?? null,
    clients: answer?.clients ?? [],
    blockers: answer?.blockers ?? [],
    problem,
  };
}

async function holders(
  inspector: DatabaseInspector,
): Promise<Pick<DatabaseConnections, "clients" | "blockers">> {
  if (inspector.engine === "redis") {
    const all = await inspector.clients();
    const groups = Map.groupBy(all, (one) => JSON.stringify([one.name, one.address.replace(/:\d+$/, "")]));
    const clients = [...groups.values()].map((group): DatabaseClient => {
      const [first] = group;
      const idle = group.filter((one) => one.idleMs > 0).length;
      return {
        role: "",
        client: first?.name ?? "",
        address: first?.address.replace(/:\d+$/, "") ?? null,
        connections: group.length,
        active: group.length - idle,
        idle,
        idle_in_transaction: 0,
      };
    });
    return { clients: clients.toSorted((a, b) => b.connections - a.connections), blockers: [] };
  }
  const sessions = await inspector.sessions();
  return {
    clients: clientGroups(sessions).map(({ ids, idleInTransaction, ...rest }) => ({
      ...rest,
      connections: ids.length,
      idle_in_transaction: idleInTransaction,
    })),
    blockers: rootsOf(sessions).map(({ session: { id, role, client, state, transactionMs }, blocked }) => {
      return { id, role, client, state, blocked, transaction_ms: transactionMs };
    }),
  };
}

async function performanceOf(
  parts: DatabasesParts,
  { service, database }: Asked,
): Promise<DatabasePerformance> {
  const limitMs = parts.policy.get().thresholds.queryTimeMs;
  const { answer, problem } = await tried(parts, database, async (inspector) => {
    const look = await looked(inspector);
    if (inspector.engine === "redis") return { look, keys: await reportOfKeys(inspector, look) };
    return { look, statements: await inspector.statements(), candidates: await inspector.indexCandidates() };
  });
  return {
    service: service.name,
    engine: database.kind,
    cache_hit_rate: hitRate(answer?.look),
    slow_queries:
      answer?.statements
        ?.filter((one) => one.meanMs >= limitMs)
        .toSorted((a, b) => b.meanMs - a.meanMs)
        .slice(0, MOST_QUERIES)
        .map(({ statement, calls, meanMs, totalMs }) => ({
          statement,
          calls,
          mean_ms: meanMs,
          total_ms: totalMs,
        })) ?? null,
    missing_indexes:
      answer?.candidates?.map(({ table, column, rows, calls, meanMs }) => ({
        table,
        column,
        rows,
        calls,
        mean_ms: meanMs,
      })) ?? null,
    keys: answer?.keys ?? null,
    bad_settings: answer?.look.words["bad-settings"]?.split(", ") ?? [],
    pool_advice: answer ? poolAdvice(answer.look) : null,
    problem,
  };
}

async function looked(inspector: DatabaseInspector): Promise<DatabaseLook> {
  const look = await inspector.look();
  if (look === undefined) {
    throw new HealError("The database does not answer.", { code: "database-not-reached", retryable: true });
  }
  return look;
}

function hitRate(look: DatabaseLook | undefined): number | null {
  return hitRateOf(look?.numbers["cache-hits"], look?.numbers["cache-misses"]) ?? null;
}

/** Many connections of which few work are pools that are too big; many that all work need a pooler before them. */
function poolAdvice({ engine, numbers }: DatabaseLook): string | null {
  const { connections: used, active } = numbers;
  const limit = numbers["connection-limit"];
  if (engine === "redis" || used === undefined || limit === undefined || active === undefined) return null;
  if (used / limit < CROWDED) return null;
  return active < used / 4
    ? `${used} of ${limit} connections are taken and ${active} work: make the pools of the clients smaller, together about ${Math.max(10, active * 3)}.`
    : `${used} of ${limit} connections are taken and ${active} work: a pooler in transaction mode before the database lets more clients share fewer connections.`;
}
