// What can be asked of the inside of a database: read-only by construction, each question bounded in time. Answers are
// plain data; what they mean is for detectors and observations to say.
import type { DatabaseEngine, DatabaseLook } from "../domain/database.ts";
import type { Database } from "../domain/service.ts";
import type { DatabaseFolder, DiskTaker } from "./database-disk.ts";
import type { MysqlShape } from "./mysql-shapes.ts";
import type { ChangedTable } from "./mysql-statistics.ts";
import type { Row } from "./row-values.ts";
import type { CountedStatement } from "./statement-counts.ts";

/** A session of a client, PostgreSQL's or MySQL's. Names and statements are words from outside. */
export interface DatabaseSession {
  id: number;
  /** When it began, Unix ms: numbers are given again. null: not known. */
  startedAt: number | null;
  role: string;
  /** application_name, or what MySQL knows of the client: its host. */
  client: string;
  address: string | null;
  database: string | null;
  state: "active" | "idle" | "idle-in-transaction" | "other";
  /** How long it has been in this state. */
  stateMs: number;
  /** How long its transaction has been open. */
  transactionMs: number | null;
  /** Ids of the sessions whose locks it waits for; of PostgreSQL 0 for a prepared transaction, which is nobody's session. */
  waitsFor: number[];
  /** What it waits for: "relation", "transactionid", "metadata lock"; null where it does not. */
  lock: string | null;
  /** The present or last statement, without its secrets. */
  statement: string;
  /** Replication, a superuser, an own session of opsmedic: never a candidate for anything. */
  protected: boolean;
}

/** What is known of how a table is used; counts since its statistics began (or the look before, where there was one). */
export interface TableUse {
  table: string;
  rows: number;
  bytes: number;
  scans: number;
  rowsScanned: number;
  indexScans: number;
  deadRows: number;
  changedSinceAnalyse: number;
  /** What the planner believes; null where it was never told. */
  believedRows: number | null;
  lastVacuum: number | null;
  lastAnalyse: number | null;
}

export interface StatementUse {
  /** Normalised by the server: values are placeholders. */
  statement: string;
  calls: number;
  meanMs: number;
  totalMs: number;
}

/** A column that slow statements filter by and that no index begins with. */
export interface IndexCandidate {
  table: string;
  column: string;
  meanMs: number;
  calls: number;
  rows: number;
  /** Different values, as far as the statistics tell. */
  distinct: number | null;
  /** Of PostgreSQL: an index cannot be made on it while it is in use, but on each of its partitions. */
  partitioned: boolean;
}

export interface NamedObject {
  kind: "table" | "column";
  name: string;
  /** Of a column, where the message tells it. */
  table?: string;
}

/** Where an object by this name is: reachable as it was asked for, elsewhere (another schema), or nowhere. */
export interface ObjectPlaces {
  reachable: boolean;
  elsewhere: string[];
  /** Names that look like it. */
  similar: string[];
}

export interface MissingRight {
  what: string;
  /** The statement that gives it. */
  grant: string;
}

/** What repairs of one kind need on the server, beside what is needed to look. */
export interface RepairRight {
  /** Names of actions. */
  repairs: string[];
  /** What cannot be done without it. */
  what: string;
  grant: string;
  given: boolean;
}

interface Inspector {
  /**
   * The cheap look of every sweep. HealError; a database that does not answer at all is undefined: probes tell that.
   * `onUnseen` is told of a part that could not be read while the rest could: its numbers and words are absent.
   */
  look(signal?: AbortSignal, onUnseen?: (error: unknown) => void): Promise<DatabaseLook | undefined>;
  /** What the role of the configuration may not see, nor do for repairs. */
  missingRights(signal?: AbortSignal): Promise<MissingRight[]>;
  /** What each repair of this engine needs, whether it is given or not. */
  repairRights(signal?: AbortSignal): Promise<RepairRight[]>;
  close(): void;
}

interface SqlInspector extends Inspector {
  sessions(signal?: AbortSignal): Promise<DatabaseSession[]>;
  /** The biggest and the most used ones. */
  tables(signal?: AbortSignal): Promise<TableUse[]>;
  /** undefined: the server does not count statements, nor keeps slow ones. Most total time first. */
  statements(signal?: AbortSignal): Promise<StatementUse[] | undefined>;
  indexCandidates(signal?: AbortSignal): Promise<IndexCandidate[] | undefined>;
  find(object: NamedObject, signal?: AbortSignal): Promise<ObjectPlaces>;
  settings(signal?: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** The folders that it writes to. HealError "database-refused" where the role may not know them. */
  folders(signal?: AbortSignal): Promise<DatabaseFolder[]>;
  /** What takes the room in them, as far as the role may see it; most first. */
  diskTakers(signal?: AbortSignal): Promise<DiskTaker[]>;
  /** The statements of the last minute or two, most total time first; undefined: not counted, or not looked at twice. */
  lately(signal?: AbortSignal): Promise<CountedStatement[] | undefined>;
  /** What changes slowly is read anew at the next look, and statements are counted from now: something was repaired. */
  readAnew(signal?: AbortSignal): Promise<void>;
  /** One of our own statements over the kept connection, in a transaction that cannot write. HealError as `look`. */
  ask(sql: string, values: readonly unknown[], signal?: AbortSignal): Promise<Row[]>;
}

export interface RowHorizon {
  /** What keeps dead rows from being removed. */
  holder: "transaction" | "slot" | "prepared" | "standby";
  who: string;
  /** Transactions since then. */
  age: number;
  /** Since when, Unix ms; null: not known. */
  since: number | null;
}

export interface SequenceUse {
  sequence: string;
  /** Table and column that it fills; of PostgreSQL quoted where SQL wants it. */
  owner: string | null;
  last: number;
  limit: number;
  /** "integer": the column is narrower than the sequence may be. */
  type: string;
}

/** Who holds a lock and is no session of a client. */
export interface LockHolder {
  /** As sessions name it in waitsFor. */
  id: number;
  kind: "prepared" | "autovacuum" | "server";
  /** The identifier of the prepared transaction as it was given, or what the server's own process does. */
  name: string;
  /** Of the prepared transaction. */
  role: string | null;
  openMs: number | null;
}

export interface PostgresInspector extends SqlInspector {
  engine: "postgres";
  /** Prepared transactions and processes of the server itself that sessions wait for just now, the oldest first. */
  lockHolders(signal?: AbortSignal): Promise<LockHolder[]>;
  /** Oldest first. */
  horizon(signal?: AbortSignal): Promise<RowHorizon[]>;
  /** Nearest to the end first. */
  sequences(signal?: AbortSignal): Promise<SequenceUse[]>;
}

export interface MysqlInspector extends SqlInspector {
  engine: "mysql";
  /** Users with rights over other sessions or replication, by a role too: never ended. undefined: they cannot be seen. */
  administrators(signal?: AbortSignal): Promise<ReadonlySet<string> | undefined>;
  /** Sessions that hold the metadata locks that others wait for; undefined: the server does not tell. */
  metadataHolders(signal?: AbortSignal): Promise<number[] | undefined>;
  /**
   * "database.table" of those that sessions keep locked without a transaction (LOCK TABLES), or that a statement without
   * one works on all the time; undefined: it cannot be seen.
   */
  lockedTables(signal?: AbortSignal): Promise<string[] | undefined>;
  /** Whether an enabled event has ever run on this server; undefined: it is not to be seen. */
  eventsRan(signal?: AbortSignal): Promise<boolean | undefined>;
  /** Of every InnoDB table that this user sees, or an error: what was not read must not be thought gone. */
  shapes(signal?: AbortSignal): Promise<MysqlShape[]>;
  /** Most changed since its statistics were made first; undefined: it is not to be seen. */
  changedTables(signal?: AbortSignal): Promise<ChangedTable[] | undefined>;
  /** Whether the statistics of "database.table" are made anew by themselves; undefined: there is no such table. */
  recalculates(table: string, signal?: AbortSignal): Promise<boolean | undefined>;
  /** Which of these rights on "database.table" this user was not given. Those of a role are not seen. */
  lacks(rights: readonly string[], table: string, signal?: AbortSignal): Promise<string[]>;
  sequences(signal?: AbortSignal): Promise<SequenceUse[]>;
}

export interface RedisClient {
  id: string;
  name: string;
  user: string;
  address: string;
  /** Flags as Redis writes them: N, S, M, b. */
  flags: string;
  idleMs: number;
  ageMs: number;
  outputBytes: number;
  lastCommand: string;
}

export interface RedisKey {
  /** Of Redis' numbered ones. */
  database: number;
  key: string;
  bytes: number;
}

export interface HotKey {
  key: string;
  /** As Redis counts it, 0–255: 18 after a thousand uses, 142 after a hundred thousand; it falls with time. */
  frequency: number;
}

export interface RedisInspector extends Inspector {
  engine: "redis";
  info(signal?: AbortSignal): Promise<Readonly<Record<string, string>>>;
  clients(signal?: AbortSignal): Promise<RedisClient[]>;
  /**
   * The biggest of a bounded sample of keys of all databases, how many were looked at, and how many bytes all keys would
   * take if they were like these.
   */
  bigKeys(signal?: AbortSignal): Promise<{ sampled: number; keys: RedisKey[]; explains: number }>;
  /** Of a bounded sample; null: its policy is no LFU policy, so that uses are not counted. */
  hotKeys(signal?: AbortSignal): Promise<HotKey[] | null>;
  /** Commands that took long, the slowest first: name only, never an argument. */
  slowCommands(signal?: AbortSignal): Promise<{ command: string; ms: number; at: number }[]>;
  settings(signal?: AbortSignal): Promise<Readonly<Record<string, string>>>;
}

export type DatabaseInspector = PostgresInspector | MysqlInspector | RedisInspector;
export type InspectorOf<E extends DatabaseEngine> = Extract<DatabaseInspector, { engine: E }>;

/** One inspector a database, made when it is first asked for. */
export interface DatabaseInspectors {
  of(database: Database): Promise<DatabaseInspector>;
  /** Lets go of every connection. What is asked afterwards connects anew. */
  close(): void;
}
