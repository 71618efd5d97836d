// Where a database server writes, and what takes the room there: in its own words. Whether there is room is the
// machine's to say.

/** A folder as the server sees it: in a container of its own that is another one than the same path here. */
export interface DatabaseFolder {
  path: string;
  /** In a person's words: "data", "write-ahead log", "tablespace archive", "binary log". */
  holds: string;
  /** Of PostgreSQL, where it is a tablespace. */
  tablespace: string | null;
  /** With fewer bytes free than these it must stop, however small the share is that is left. */
  needsBytes: number;
}

export interface DiskTaker {
  /** "the table public.orders", "the write-ahead log". */
  what: string;
  bytes: number;
  /** Why it is there, where that is known: "kept by the replication slot reports, which nobody reads". */
  because: string | null;
  /** What a person can do about it; null: nothing is to be said. */
  advice: string | null;
}

/** Most room first. */
export function byRoom(takers: readonly DiskTaker[]): DiskTaker[] {
  return takers.filter((one) => one.bytes > 0).toSorted((a, b) => b.bytes - a.bytes);
}
