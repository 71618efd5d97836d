// How an index is used since its server began to count, in numbers that every SQL engine can give.

export interface StatementTotals {
  calls: number;
  totalMs: number;
  /** Read or changed. */
  rows: number;
  /** Since when it is counted, Unix seconds: another one, and it was counted anew. null: the server does not tell. */
  since: number | null;
}

export interface CountedUses {
  /** Uses of the index: by plans, or rows that were found with it. */
  scans: number;
  /** Whether a look-up that found nothing counts as a use. */
  emptyToo: boolean;
  /** Reads of its table, and rows that were changed in it. */
  activity: number;
  /** Which of the server's counters tell it. */
  by: string;
  /** Since when the server runs, Unix ms, where its counters end with it; null: they outlive it. */
  since: number | null;
}

/** Counters since the server began to count. */
export interface IndexUse {
  /** null: this server does not count them, or not now. */
  uses: CountedUses | null;
  /** In its table now. */
  rows: number;
  /** That follow this server: what they do with the index nobody counts here. */
  replicas: number;
  /** By the server's id of the statement; those that it has forgotten are absent. */
  statements: Record<string, StatementTotals>;
}

export interface IndexOf {
  /** "schema.name" */
  table: string;
  index: string;
  /** Of the statements that are watched for it. */
  ids: readonly string[];
}
