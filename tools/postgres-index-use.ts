// How an index of PostgreSQL is used, by the server's own counters: of plans that use it, of what is done with its table,
// and of the statements that are watched for it.
import type { PostgresInspector } from "./database-inspector.ts";
import type { IndexOf, IndexUse, StatementTotals } from "./index-use.ts";
import { countsSql, statementsSchemaSql } from "./postgres-questions.ts";
import { numberIn, textIn } from "./row-values.ts";

const useSql = `
select coalesce(i.idx_scan, 0) as scans, coalesce(t.seq_scan, 0) + coalesce(t.idx_scan, 0) + t.n_tup_ins + t.n_tup_upd + t.n_tup_del as activity,
  t.n_live_tup as rows, (select count(*) from pg_stat_replication) as replicas
from pg_stat_user_indexes i join pg_stat_user_tables t on t.relid = i.relid
where i.schemaname || '.' || i.relname = $1 and i.indexrelname = $2`;

/** `table`: "schema.name". undefined: there is no such index. HealError as the inspector's. */
export async function indexUseOf(
  inspector: Pick<PostgresInspector, "ask">,
  { table, index, ids }: IndexOf,
  signal?: AbortSignal,
): Promise<IndexUse | undefined> {
  const [row] = await inspector.ask(useSql, [table, index], signal);
  if (row === undefined) return undefined;
  const n = (of: string): number => numberIn(row, of) ?? 0;
  const counted = ids.length === 0 ? {} : await totalsOf(inspector, ids, signal);
  return {
    uses: {
      scans: n("scans"),
      activity: n("activity"),
      emptyToo: true,
      by: "pg_stat_user_indexes",
      since: null,
    },
    rows: n("rows"),
    replicas: n("replicas"),
    statements: counted,
  };
}

async function totalsOf(
  inspector: Pick<PostgresInspector, "ask">,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<Record<string, StatementTotals>> {
  const [extension] = await inspector.ask(statementsSchemaSql, [], signal);
  const schema = textIn(extension, "schema");
  if (schema === undefined) return {};
  const rows = await inspector.ask(countsSql(schema), [[...ids]], signal);
  return Object.fromEntries(
    rows.flatMap((row) => {
      const id = textIn(row, "id");
      const n = (of: string): number => numberIn(row, of) ?? 0;
      return id === undefined
        ? []
        : [[id, { calls: n("calls"), totalMs: n("total"), rows: n("rows"), since: null }]];
    }),
  );
}
