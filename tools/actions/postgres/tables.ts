// A table of PostgreSQL as its catalogue has it: what a repair may address, and under which names.
import { numberIn, textIn } from "../../row-values.ts";
import { stale } from "../checked.ts";
import type { PostgresConnection } from "./connection.ts";
import type { Ask } from "./unused-sessions.ts";

export interface CatalogueTable {
  oid: number;
  schema: string;
  name: string;
  /** The role of the configuration may maintain it: it owns it, or was given MAINTAIN (PostgreSQL 17). */
  mayMaintain: boolean;
  /** It may make and drop indexes of it: that takes the owner, and the right to create in its schema. */
  mayIndex: boolean;
  bytes: number;
  rows: number;
  /** Unix ms; null: never. */
  lastVacuum: number | null;
  lastAnalyse: number | null;
}

const sql = (maintain: boolean): string => `
select c.oid::int8 as oid, n.nspname as schema, c.relname as name, pg_has_role(c.relowner, 'usage') and has_schema_privilege(n.oid, 'CREATE') as indexes,
  pg_has_role(c.relowner, 'usage') ${maintain ? "or has_table_privilege(c.oid, 'MAINTAIN')" : ""} as maintain,
  pg_table_size(c.oid) as bytes, greatest(c.reltuples, 0) as rows,
  extract(epoch from greatest(s.last_vacuum, s.last_autovacuum))::float8 * 1000 as vacuumed,
  extract(epoch from greatest(s.last_analyze, s.last_autoanalyze))::float8 * 1000 as analysed
from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_stat_all_tables s on s.relid = c.oid
where n.nspname || '.' || c.relname = $1 and c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') limit 2`;

/** `table`: "schema.name", unquoted. undefined: there is none, or two that are written alike. */
export async function tableNamed(ask: Ask, table: string): Promise<CatalogueTable | undefined> {
  const [version] = await ask("select current_setting('server_version_num')::int >= 170000 as maintain", []);
  const [row, other] = await ask(sql(version?.["maintain"] === true), [table]);
  if (row === undefined || other !== undefined) return undefined;
  return {
    oid: numberIn(row, "oid") ?? 0,
    schema: textIn(row, "schema") ?? "",
    name: textIn(row, "name") ?? "",
    mayMaintain: row["maintain"] === true,
    mayIndex: row["indexes"] === true,
    bytes: numberIn(row, "bytes") ?? 0,
    rows: numberIn(row, "rows") ?? 0,
    lastVacuum: numberIn(row, "vacuumed") ?? null,
    lastAnalyse: numberIn(row, "analysed") ?? null,
  };
}

/** HealError "stale-plan". */
export async function needTable(ask: Ask, table: string): Promise<CatalogueTable> {
  const found = await tableNamed(ask, table);
  if (found !== undefined) return found;
  throw stale(`there is no table ${table} any more`, "diagnose again");
}

export function quotedName(
  { identifier }: Pick<PostgresConnection, "identifier">,
  { schema, name }: Pick<CatalogueTable, "schema" | "name">,
): string {
  return `${identifier(schema)}.${identifier(name)}`;
}
