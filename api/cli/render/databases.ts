// Databases on the command line: one block each.
import type { DatabaseConnections, DatabaseHealth, DatabasePerformance } from "../../databases.ts";
import { type Paint, plain } from "../terminal.ts";
import { indent, table } from "./table.ts";
import { short, span } from "./words.ts";

const NONE = "No service of the configuration has a postgres, mysql or redis address.";
const MEGABYTE = 1024 ** 2;

export function renderDatabases(all: readonly DatabaseHealth[], paint: Paint = plain): string {
  if (all.length === 0) return NONE;
  return all.map((one) => healthLines(one, paint).join("\n")).join("\n\n");
}

function healthLines(one: DatabaseHealth, paint: Paint): string[] {
  const { connections: c } = one;
  const lines = [
    `connections ${shown(c.used)} of ${shown(c.limit)}, ${shown(c.active)} at work, ${shown(c.idle_in_transaction)} idle in a transaction, ${shown(c.blocked)} waiting`,
    `cache hit rate ${share(one.cache_hit_rate)}, size ${bytes(one.size_bytes)}, transactions ${shown(one.transactions)}, deadlocks ${shown(one.deadlocks)}`,
    ...(one.role === "replica"
      ? [
          `replica, ${one.replication_lag_ms === null ? "lag not known" : `${span(one.replication_lag_ms)} behind`}`,
        ]
      : []),
    ...one.issues.map(
      (issue) =>
        `${paint(issue.severity === "critical" ? "red" : "yellow", issue.severity)} ${issue.summary}`,
    ),
    ...one.missing_rights.map((right) => `${right.what}: ${right.grant}`),
  ];
  return [
    headline(one, paint, ` · ${one.status}`),
    ...indent(one.problem === null ? lines : [one.problem, ...lines.slice(2)]),
  ];
}

export function renderConnections(all: readonly DatabaseConnections[], paint: Paint = plain): string {
  if (all.length === 0) return NONE;
  return all
    .map((one) => {
      const rows = one.clients.map((client) => [
        client.client || "–",
        client.role || "–",
        client.address ?? "–",
        String(client.connections),
        String(client.active),
        String(client.idle),
        String(client.idle_in_transaction),
      ]);
      const blockers = one.blockers.map(
        (root) => `session ${root.id} (${root.client || root.role}, ${root.state}) holds up ${root.blocked}`,
      );
      return [
        headline(one, paint, ` · ${shown(one.used)} of ${shown(one.limit)} connections`),
        ...(one.problem === null ? [] : [one.problem]),
        ...blockers,
        table(["client", "role", "from", "held", "at work", "idle", "in transaction"], rows, {
          paint,
          empty: "No client is connected.",
        }),
      ].join("\n");
    })
    .join("\n\n");
}

export function renderPerformance(all: readonly DatabasePerformance[], paint: Paint = plain): string {
  if (all.length === 0) return NONE;
  return all.map((one) => performanceLines(one, paint).join("\n")).join("\n\n");
}

function performanceLines(one: DatabasePerformance, paint: Paint): string[] {
  const slow = one.slow_queries?.map(
    (query) =>
      `${Math.round(query.mean_ms)} ms × ${query.calls}  ${short(query.statement.replaceAll(/\s+/g, " "), 90)}`,
  );
  const indexes = one.missing_indexes?.map(
    (index) =>
      `no index begins with ${index.table}.${index.column} (${index.rows} rows, ${Math.round(index.mean_ms)} ms × ${index.calls})`,
  );
  const lines = [
    `cache hit rate ${share(one.cache_hit_rate)}`,
    ...(one.engine === "redis"
      ? []
      : (slow ?? ["statements are not counted: opsmedic doctor says what is missing"])),
    ...(indexes ?? []),
    ...(one.keys === null ? [] : keyLines(one.keys)),
    ...(one.bad_settings.length === 0 ? [] : [`settings that hurt: ${one.bad_settings.join(", ")}`]),
    ...(one.pool_advice === null ? [] : [one.pool_advice]),
  ];
  return [headline(one, paint, ""), ...indent(one.problem === null ? lines : [one.problem])];
}

function keyLines({ sampled, biggest, hottest, advice }: NonNullable<DatabasePerformance["keys"]>): string[] {
  const big = biggest.map(({ key, bytes: size }) => `${key} ${bytes(size)}`);
  const hot = (hottest ?? []).map(({ key, frequency }) => `${key} ${frequency}`);
  return [
    ...(big.length === 0 ? [] : [`biggest of ${sampled} keys: ${big.join(", ")}`]),
    ...(hot.length === 0 ? [] : [`asked for most, 0–255: ${hot.join(", ")}`]),
    ...advice,
  ];
}

function headline(
  one: { service: string; engine: string; version?: string | null },
  paint: Paint,
  more: string,
): string {
  return `${paint("bold", one.service)} · ${one.engine}${one.version ? ` ${one.version}` : ""}${more}`;
}

const shown = (value: number | null): string => (value === null ? "–" : String(value));
const share = (value: number | null): string => (value === null ? "–" : `${(value * 100).toFixed(1)} %`);
const bytes = (value: number | null): string =>
  value === null ? "–" : `${(value / MEGABYTE).toFixed(1)} MB`;
