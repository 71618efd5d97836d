// The one database, as everything else sees it. Two drivers: PGlite (embedded) and pg (a PostgreSQL server).
// SQL is written for PostgreSQL 15 and newer, with $1 parameters; row types are those of node-postgres.

export interface Queryable {
  query<Row extends object = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<Row[]>;
}

export interface Db extends Queryable {
  /** Commits when `work` resolves, rolls back when it rejects. Never nests. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /**
   * One statement that may not be in a transaction, with settings of its own, which are reset after it: making an index of
   * many rows takes longer, and more memory, than any other statement may.
   */
  alone(sql: string, settings: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}
