// Tables that somebody keeps locked without a transaction: by LOCK TABLES, or by a long statement on a table of another
// engine than InnoDB. Only performance_schema would say who it is; that somebody does is seen without it.
import { setTimeout as sleep } from "node:timers/promises";
import { otherEnginesSql, preparedSql, tablesInUseSql } from "./mysql-questions.ts";
import type { MysqlReader } from "./mysql-reader.ts";
import { rightsLacking } from "./mysql-rights.ts";
import { numberIn, textIn } from "./row-values.ts";

/** A statement uses its tables too, but hardly any uses one at each of these moments. */
const LOOKS = 5;
const APART_MS = 40;
/** Of a coordinator that has not come back: which table it holds is not told. */
const PREPARED = "what a prepared transaction has taken (XA RECOVER)";
/** InnoDB lists the sessions that have begun no transaction, too: such a one locks tables between its statements. */
const LOCKED_BY_HAND = /, not started\nmysql tables in use \d+, locked [1-9]/;

/** `grants`: the lines of SHOW GRANTS. undefined: this user is not shown every table, or there is too much to be shown. */
export async function lockedTables(
  reader: MysqlReader,
  grants: readonly string[],
  signal?: AbortSignal,
): Promise<string[] | undefined> {
  if (rightsLacking(grants, ["SELECT"], "*.*").length > 0) return undefined;
  const [prepared] = await reader.read(preparedSql, [], signal);
  let always = await inUse(reader, signal);
  for (let look = 1; look < LOOKS && always !== undefined && always.tables.size > 0; look += 1) {
    await sleep(APART_MS, undefined, signal && { signal });
    const now = await inUse(reader, signal);
    always = now && {
      byHand: always.byHand && now.byHand,
      tables: new Set([...always.tables].filter((one) => now.tables.has(one))),
    };
  }
  if (always === undefined) return undefined;
  const tables = [...always.tables];
  const held = always.byHand ? tables : await ofOtherEngines(reader, tables, signal);
  return [...held, ...((numberIn(prepared, "prepared") ?? 0) > 0 ? [PREPARED] : [])];
}

/** A change of a table uses the table that it waits for as well, so that it counts only beside what InnoDB says. */
async function inUse(
  reader: MysqlReader,
  signal?: AbortSignal,
): Promise<{ byHand: boolean; tables: Set<string> } | undefined> {
  const [innodb] = await reader.read("show engine innodb status", [], signal);
  const status = textIn(innodb, "Status") ?? "";
  if (!status.includes("LIST OF TRANSACTIONS") || status.includes("... truncated...")) return undefined;
  const own = /^(?:mysql|information_schema|performance_schema|sys)$/i;
  const rows = (await reader.read(tablesInUseSql, [], signal)).filter(
    (one) => !own.test(textIn(one, "Database") ?? ""),
  );
  const names = rows.map((one) => `${textIn(one, "Database") ?? ""}.${textIn(one, "Table") ?? ""}`);
  return { byHand: LOCKED_BY_HAND.test(status), tables: new Set(names) };
}

async function ofOtherEngines(
  reader: MysqlReader,
  tables: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  if (tables.length === 0) return [];
  const rows = await reader.read(otherEnginesSql, [tables], signal);
  return rows.map((one) => textIn(one, "name") ?? "");
}
