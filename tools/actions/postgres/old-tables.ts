// Whose rows keep a database of PostgreSQL from forgetting old transaction ids, and who keeps a vacuum from freezing them.
import { horizonSql } from "../../postgres-questions.ts";
import { numberIn, textIn } from "../../row-values.ts";
import type { Ask } from "./unused-sessions.ts";

export interface OldTable {
  oid: number;
  schema: string;
  name: string;
  /** Transactions since its oldest row that is not frozen may be; its TOAST table counts with it. */
  age: number;
  /** Both relfrozenxid: other ones than before tell that it was frozen. */
  frozen: string;
  bytes: number;
  /** The role of the configuration may vacuum it. */
  mayFreeze: boolean;
  /** Of another session: nobody else can vacuum it. */
  temporary: boolean;
}

export interface OldDatabase {
  name: string;
  age: number;
  /** The one of the whole server with the oldest rows. */
  oldest: string;
  /** Those without which the database would be half as old. Oldest first. */
  tables: OldTable[];
}

/** A vacuum in one go of more than that takes longer than anybody wants to wait for a repair. */
export const MOST_BYTES = 20 * 1024 ** 3;

const databaseSql = `
select datname as name, age(datfrozenxid) as age, (select datname from pg_database order by age(datfrozenxid) desc limit 1) as oldest,
  current_setting('server_version_num')::int >= 170000 as maintain from pg_database where datname = current_database()`;

const tablesSql = (maintain: boolean): string => `
select c.oid::int8 as oid, n.nspname as schema, c.relname as name, greatest(age(c.relfrozenxid), age(t.relfrozenxid)) as age,
  c.relfrozenxid::text || coalesce(' ' || t.relfrozenxid::text, '') as frozen, pg_total_relation_size(c.oid) as bytes,
  c.relpersistence = 't' as temporary,
  pg_has_role(c.relowner, 'usage') or not c.relisshared and (select pg_has_role(datdba, 'usage') from pg_database where datname = current_database())
  ${maintain ? "or has_table_privilege(c.oid, 'MAINTAIN')" : ""} as may
from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_class t on t.oid = c.reltoastrelid
where c.relkind in ('r', 'm') and greatest(age(c.relfrozenxid), age(t.relfrozenxid)) > $1 order by age desc, c.oid limit 5000`;

export async function oldDatabase(ask: Ask): Promise<OldDatabase> {
  const [row] = await ask(databaseSql, []);
  const age = numberIn(row, "age") ?? 0;
  const tables = await ask(tablesSql(row?.["maintain"] === true), [Math.floor(age / 2)]);
  return {
    name: textIn(row, "name") ?? "",
    age,
    oldest: textIn(row, "oldest") ?? "",
    tables: tables.map((one) => ({
      oid: numberIn(one, "oid") ?? 0,
      schema: textIn(one, "schema") ?? "",
      name: textIn(one, "name") ?? "",
      age: numberIn(one, "age") ?? 0,
      frozen: textIn(one, "frozen") ?? "",
      bytes: numberIn(one, "bytes") ?? 0,
      mayFreeze: one["may"] === true,
      temporary: one["temporary"] === true,
    })),
  };
}

export interface Holder {
  holder: "transaction" | "slot" | "prepared" | "standby";
  who: string;
  age: number;
}

/** Who has looked on for so long that a vacuum now would leave the database more than half as old; the oldest of them. */
export async function freezeHolder(ask: Ask, age: number): Promise<Holder | undefined> {
  const rows = await ask(horizonSql, []);
  const all = rows.map((one) => ({
    holder: textIn(one, "holder") as Holder["holder"],
    who: textIn(one, "who") ?? "",
    age: numberIn(one, "age") ?? 0,
  }));
  return all.find((one) => one.age > age / 2);
}

const underWaySql = `
select a.query as work from pg_stat_activity a
where a.backend_type = 'autovacuum worker' and a.datname = (select datname from pg_database order by age(datfrozenxid) desc limit 1)
  and (a.query like '%(to prevent wraparound)' or a.query = '<insufficient privilege>') limit 1`;

/** What an autovacuum freezes just now in the database with the oldest rows, in its own words; undefined: none does. */
export async function freezeUnderWay(ask: Ask): Promise<string | undefined> {
  const [row] = await ask(underWaySql, []);
  return textIn(row, "work");
}

/** Why it is not frozen without a human; undefined: nothing is in the way but, perhaps, a holder. */
export function freezeProblem({ tables }: OldDatabase): string | undefined {
  const temporary = tables.find((one) => one.temporary);
  if (temporary !== undefined)
    return `a temporary table of another session is among the oldest (${temporary.schema}.${temporary.name})`;
  const not = tables.filter((one) => !one.mayFreeze);
  const [first] = not;
  if (first !== undefined)
    return `its role may not vacuum ${first.schema}.${first.name}${not.length > 1 ? ` and ${not.length - 1} more` : ""}`;
  const bytes = tables.reduce((sum, one) => sum + one.bytes, 0);
  return bytes > MOST_BYTES ? `${Math.round(bytes / 1024 ** 3)} GB would have to be read` : undefined;
}
