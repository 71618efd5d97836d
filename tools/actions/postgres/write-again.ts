// postgres-write-again: after there is room again, sees that the server writes: to its data folder (or the tablespace that
// was full) and to its log. A server that ended for want of room is waited for: it recovers first.
import { z } from "zod";
import type { Action } from "../../action.ts";
import { textIn } from "../../row-values.ts";
import { stateOf } from "../checked.ts";
import { onceItAnswers, RECOVERY_LIMIT_MS, silent } from "../recovering-server.ts";
import { type PostgresConnection, withPostgres } from "./connection.ts";

const paramsSchema = z.strictObject({
  /** The one that was full; null: the disk of its data or its log. */
  tablespace: z.string().max(63).nullable(),
});
type Params = z.infer<typeof paramsSchema>;
/** null: it did not answer. */
const stateSchema = z.object({ position: z.string().nullable() });

const NAME = "postgres-write-again";
/** A standby writes what its primary sends. */
const STANDBY_TOO = { standbyToo: true };
/** More than a table's first pages, which may have been there before: 128 rows of 8 kB each, never compressed. */
const FILL = `insert into pg_temp.opsmedic_room select repeat('x', 8000) from generate_series(1, 128)`;

const positionSql =
  "select (case when pg_is_in_recovery() then null else pg_current_wal_flush_lsn() end)::text as position, pg_is_in_recovery() as follows";

export const postgresWriteAgain: Action<Params> = {
  name: NAME,
  summary: "Sees that the server writes again after there is room: a table of a megabyte, rolled back",
  undoes: "nothing to put back: what it wrote was rolled back",
  class: "data",
  effect: "repeatable",
  risk: "low",
  params: paramsSchema,
  limitMs: RECOVERY_LIMIT_MS,
  downtimeMs: () => 0,

  async capture(_params, context) {
    const position = await withPostgres(context, positionOf, STANDBY_TOO).catch(silent);
    return { state: { position: position ?? null }, files: [] };
  },
  async apply({ tablespace }, _captured, context) {
    return onceItAnswers(
      (answered) =>
        withPostgres(
          context,
          (connection) => {
            answered();
            return written(connection, tablespace);
          },
          STANDBY_TOO,
        ),
      context.signal,
    );
  },
  async verify(_params, captured, context) {
    const before = stateOf(stateSchema, NAME, captured.state).position;
    const wrote = await withPostgres(
      context,
      async ({ query }) => {
        const [row] = await query(
          `select pg_is_in_recovery() or ($1::pg_lsn is null or now.position > $1::pg_lsn) as wrote
         from (${positionSql}) as seen, lateral (select seen.position::pg_lsn as position) as now`,
          [before],
        );
        return row?.["wrote"] === true;
      },
      STANDBY_TOO,
    );
    return { ok: wrote, text: wrote ? "it has written since" : "it has written nothing since" };
  },
  undo: async () => "there is nothing to put back",
  verifyUndo: async () => ({ ok: true, text: "what it wrote was rolled back" }),
};

async function positionOf({ query }: PostgresConnection): Promise<string | undefined> {
  return textIn((await query(positionSql))[0], "position");
}

async function written(connection: PostgresConnection, tablespace: string | null): Promise<string> {
  const { query } = connection;
  const [{ follows, temporary, own } = {}] = await query(
    `select pg_is_in_recovery() as follows, has_database_privilege(current_database(), 'TEMPORARY') as temporary,
       exists (select from pg_tablespace where spcname = $1 and has_tablespace_privilege(oid, 'CREATE')) as own`,
    [tablespace],
  );
  if (follows === true) return "it follows its primary, and writes what that one sends";
  const filled = temporary === true && (tablespace === null || own === true);
  if (filled) await fill(connection, tablespace);
  // A transaction with this message alone: its end is only told when the log is on the disk.
  await query("set synchronous_commit = on");
  await query("select pg_logical_emit_message(true, 'opsmedic', 'writes again')");
  return filled
    ? "it has filled a table of a megabyte, rolled it back, and written its log"
    : "it has written its log (a table could not be tried: the role may make no temporary one there)";
}

async function fill({ query, identifier }: PostgresConnection, tablespace: string | null): Promise<void> {
  const where = tablespace === null ? "" : ` tablespace ${identifier(tablespace)}`;
  await query("begin");
  try {
    await query(`create temporary table opsmedic_room (filling text) on commit drop${where}`);
    await query("alter table pg_temp.opsmedic_room alter filling set storage plain");
    await query(FILL);
  } finally {
    await query("rollback");
  }
}
