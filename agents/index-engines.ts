// What is asked of each SQL engine about an index that opsmedic made there: everything else about it is the same for all.
import { whyKept as whyKeptInMysql } from "../tools/actions/mysql/own-index.ts";
import type { OwnIndex } from "../tools/actions/own-index.ts";
import { whyKept as whyKeptInPostgres } from "../tools/actions/postgres/own-index.ts";
import type { DatabaseInspector } from "../tools/database-inspector.ts";
import type { IndexOf, IndexUse } from "../tools/index-use.ts";
import { indexUseOf as useInMysql } from "../tools/mysql-index-use.ts";
import { indexUseOf as useInPostgres } from "../tools/postgres-index-use.ts";

export interface IndexEngine {
  /** Why it may not be dropped, in words; undefined: it is as it was made, and nothing relies on it. */
  whyKept(own: OwnIndex, signal?: AbortSignal): Promise<string | undefined>;
  /** undefined: it cannot be seen. */
  use(index: IndexOf, signal?: AbortSignal): Promise<IndexUse | undefined>;
}

/** undefined: an engine without indexes. Both questions throw HealError as the inspector's. */
export function indexEngineOf(inspector: DatabaseInspector): IndexEngine | undefined {
  if (inspector.engine === "redis") return undefined;
  const asking = (signal?: AbortSignal) => (sql: string, values: readonly unknown[]) =>
    inspector.ask(sql, values, signal);
  if (inspector.engine === "postgres")
    return {
      whyKept: (own, signal) => whyKeptInPostgres(asking(signal), own),
      use: (index, signal) => useInPostgres(inspector, index, signal),
    };
  return {
    whyKept: (own, signal) => whyKeptInMysql(asking(signal), own),
    use: (index, signal) => useInMysql(inspector, index, signal),
  };
}
