// mysql-analyze: makes the statistics of one table anew, on this server alone (nothing of it goes to the replicas). What
// InnoDB counts as changed since the last time begins at nothing again, which tells that it was done.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import type { Action, Captured } from "../../action.ts";
import { changedRowsSql } from "../../mysql-questions.ts";
import { numberIn, textIn } from "../../row-values.ts";
import { stale, stateOf } from "../checked.ts";
import { type MysqlDoor, readAnew, withMysql } from "./connection.ts";

const NAME = "mysql-analyze";
const paramsSchema = z.strictObject({ table: z.string().regex(/^[\w$]{1,64}\.[\w$]{1,64}$/) });
type Params = z.infer<typeof paramsSchema>;
const stateSchema = z.object({ changed: z.number() });

const LIMIT_MS = 5 * 60_000;
const ANALYZE_MS = LIMIT_MS - 30_000;

const versionSql = `
select version() as version, (select count(*) from information_schema.processlist where command in ('Query', 'Execute')
  and time >= 10 and id <> connection_id() and state not like 'Waiting for % lock') as \`long\``;

export const mysqlAnalyze: Action<Params> = {
  name: NAME,
  summary: "Makes the planner's statistics of one table anew (ANALYZE NO_WRITE_TO_BINLOG TABLE)",
  undoes: "nothing to put back: it harms nothing, and InnoDB does the same by itself",
  class: "data",
  effect: "repeatable",
  risk: "low",
  params: paramsSchema,
  limitMs: LIMIT_MS,
  downtimeMs: () => 0,

  capture: ({ table }, context) =>
    withMysql(context, async (door) => {
      const changed = await changedIn(door, table);
      if (changed === 0) throw stale(`nothing of ${table} has changed`, "diagnose again");
      return { state: { changed }, files: [] };
    }),
  async apply({ table }, captured, context) {
    const text = await withMysql(context, async (door) => {
      if ((await changedIn(door, table)) < changedThen(captured)) return `${table} was done meanwhile`;
      await nobodyReadsForLong(door);
      const rows = await door.ask("analyze no_write_to_binlog table ??", [table], ANALYZE_MS);
      // What went wrong with the table is told as a row.
      const problem = rows.find((one) => textIn(one, "Msg_type")?.toLowerCase() === "error");
      if (problem !== undefined)
        throw new HealError(
          `${table} was not analysed: ${textIn(problem, "Msg_text") ?? "it says nothing"}`,
          {
            code: "database-answer",
          },
        );
      return `made the statistics of ${table} anew`;
    });
    await readAnew(context);
    return text;
  },
  verify: ({ table }, captured, context) =>
    withMysql(context, async (door) => {
      const changed = await changedIn(door, table);
      return {
        ok: changed < changedThen(captured),
        text: `${changed} rows have changed since they were made`,
      };
    }),
  undo: async (_params, captured) => {
    changedThen(captured);
    return "there is nothing to put back";
  },
  verifyUndo: async () => ({ ok: true, text: "there was nothing to put back" }),
};

/**
 * Older servers forget what they hold of a table that was analysed: whoever comes then waits until all who read it are
 * done (MariaDB before 10.5.4, MySQL before 8.0.24). HealError "database-busy" (retryable).
 */
async function nobodyReadsForLong(door: MysqlDoor): Promise<void> {
  const [row] = await door.ask(versionSql);
  const version = textIn(row, "version") ?? "";
  if (!forgets(version) || (numberIn(row, "long") ?? 0) === 0) return;
  throw new HealError("a statement has run for 10 s, and others would wait for it after an ANALYZE", {
    code: "database-busy",
    retryable: true,
    hint: "it is tried again in a quieter moment",
  });
}

/** `version`: "10.11.6-MariaDB-0+deb12u1", "8.0.36". */
export function forgets(version: string): boolean {
  const fixed = /mariadb/i.test(version) ? [10, 5, 4] : [8, 0, 24];
  const own = version.split(/[.-]/).slice(0, 3).map(Number);
  for (const [index, part] of fixed.entries()) {
    const mine = own[index] ?? 0;
    if (mine !== part) return !(mine > part);
  }
  return false;
}

/** HealError "stale-plan": there is none, or it is no table of InnoDB's. */
async function changedIn({ ask, mariadb }: MysqlDoor, table: string): Promise<number> {
  // Opened, so that InnoDB knows of it.
  await ask("select 1 from ?? limit 0", [table]).catch(() => undefined);
  const rows = await ask(changedRowsSql(mariadb ? "innodb_sys_tablestats" : "innodb_tablestats"));
  const found = rows.find((one) => textIn(one, "table") === table);
  if (found !== undefined) return numberIn(found, "changed") ?? 0;
  throw stale(`there is no table ${table} of InnoDB's any more`, "diagnose again");
}

function changedThen({ state }: Captured): number {
  return stateOf(stateSchema, NAME, state).changed;
}
