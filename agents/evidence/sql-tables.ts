// What PostgreSQL and MySQL know of their tables: missing indexes, old statistics, dead rows, keys near their end,
// objects that are not where they are looked for.
import type { IndexCandidate, NamedObject, SequenceUse, TableUse } from "../../tools/database-inspector.ts";
import { databaseNear, identifier, inspectorFor, sqlInspectorOf } from "./inside-database.ts";
import {
  inWords,
  type Look,
  type Observer,
  percent,
  plainLine,
  seen,
  type Seen,
  unseen,
} from "./observer.ts";

const FEWEST_ROWS = 5_000;

/** "table.column" that costly statements filter by without an index; null: there is none. */
const indexCandidate: Observer = async (look) => {
  const inspector = await sqlInspectorOf(look);
  const candidates = await inspector?.indexCandidates(look.signal);
  if (inspector === undefined || candidates === undefined)
    return unseen("the server does not count its statements");
  const [best] = candidates;
  if (best === undefined) return seen(null, "every costly statement finds its rows by an index");
  const { table, column, meanMs, calls, rows, distinct } = best;
  const advice = indexAdvice(best, inspector.engine);
  return seen(
    { value: `${table}.${column}`, table, column, meanMs, calls, rows, distinct, advice },
    plainLine(
      `no index begins with ${table}.${column}, by which ${calls} calls of ${Math.round(meanMs)} ms look for rows among ${rows}${distinct === null ? "; how many different values it has cannot be seen" : ""}`,
    ),
  );
};

/** Rows that a scan of a whole table reads on average, of the table where most is read so. */
const rowsPerScan: Observer = async (look) => {
  const worst = (await tablesOf(look))
    .filter((one) => one.scans > 0)
    .toSorted((a, b) => b.rowsScanned - a.rowsScanned)[0];
  if (worst === undefined) return unseen("no table was read as a whole");
  const value = Math.round(worst.rowsScanned / worst.scans);
  return seen(
    { value, table: worst.table, scans: worst.scans },
    `${worst.table} was read as a whole ${worst.scans} times, ${value} rows each`,
  );
};

/** By what factor the planner is wrong about how many rows a table has; a table that it was never told of counts whole. */
const plannerError: Observer = async (look) => {
  const worst = worstBelieved(await tablesOf(look));
  if (worst === undefined) return unseen("no table is big enough to matter");
  const believed =
    worst.believedRows === null
      ? "was never told of its rows"
      : `believes in ${Math.round(worst.believedRows)}`;
  return seen(
    {
      value: Math.round(worst.factor * 10) / 10,
      table: worst.table,
      advice: `ANALYZE ${identifier(worst.table, "postgres")};`,
    },
    `${worst.table} has ${worst.rows} rows, the planner ${believed}`,
  );
};

/** The share of dead rows in the table with most of them. */
const deadRows: Observer = async (look) => {
  const worst = mostDead(await tablesOf(look));
  if (worst === undefined) return unseen("no table is big enough to matter");
  const value = worst.deadRows / Math.max(1, worst.rows + worst.deadRows);
  const last =
    worst.lastVacuum === null
      ? "it was never vacuumed"
      : `vacuumed ${inWords(look.scene.now - worst.lastVacuum)} ago`;
  return seen(
    {
      value,
      table: worst.table,
      dead: worst.deadRows,
      advice: `VACUUM (ANALYZE) ${identifier(worst.table, "postgres")};`,
    },
    `${worst.deadRows} rows of ${worst.table} are dead (${percent(value)}), ${last}`,
  );
};

/**
 * Who keeps a vacuum from removing rows: a transaction that was open before the last vacuum of the table, which
 * therefore left them; a slot or a prepared transaction. null: nobody, or no vacuum has run in vain.
 */
const vacuumHeldBy: Observer = async (look) => {
  const inspector = await inspectorFor(look, "postgres");
  if (inspector === undefined) return unseen("it is not PostgreSQL");
  const table = mostDead(await inspector.tables(look.signal));
  const holder = (await inspector.horizon(look.signal)).find(
    (one) => one.since === null || (table?.lastVacuum ?? 0) > one.since,
  );
  if (holder === undefined || table?.lastVacuum === null) return seen(null, "no vacuum was held back");
  const who = plainLine(holder.who, 100);
  return seen(
    { value: holder.holder, who, advice: `end the ${holder.holder} ${who}` },
    `the ${holder.holder} ${who} keeps its dead rows`,
  );
};

/** The share of its numbers that the sequence nearest to its end has used. */
const nearestSequence: Observer = async (look) => {
  const inspector = await sqlInspectorOf(look);
  const [worst] = (await inspector?.sequences(look.signal)) ?? [];
  if (inspector === undefined || worst === undefined)
    return unseen("no sequence was used, or none can be seen");
  const value = worst.last / worst.limit;
  return seen(
    { value, ...worst, advice: widerAdvice(worst, inspector.engine) },
    plainLine(`${worst.sequence} is at ${worst.last} of ${worst.limit} (${percent(value)}, ${worst.type})`),
  );
};

/**
 * "missing" | "elsewhere" (not where it is looked for) | "present", of what the log says is missing; "other", where the
 * parameter `name` asks for one and that is another.
 */
const objectPlace: Observer = async (look) => {
  const object = objectIn(look);
  const engine = look.params["engine"] === "mysql" ? "mysql" : "postgres";
  const database = databaseNear(look, engine);
  const inspector = database && (await look.parts.databases?.of(database));
  if (object === undefined || inspector === undefined || inspector.engine === "redis")
    return unseen("there is no database to ask");
  const { name: meant } = look.params;
  if (typeof meant === "string" && !isSameName(meant, object.name))
    return seen(
      { value: "other", name: object.name },
      plainLine(`what is missed is ${object.name}, not ${meant}`),
    );
  const { reachable, elsewhere, similar } = await inspector.find(object, look.signal);
  if (object.kind === "column") return columnPlace(object, reachable, similar);
  const value = reachable ? "present" : elsewhere.length > 0 ? "elsewhere" : "missing";
  const near =
    elsewhere.length > 0
      ? `; there is ${elsewhere.join(", ")}`
      : similar.length > 0
        ? `; there is ${similar.join(", ")}`
        : "";
  return seen(
    { value, name: object.name, elsewhere, similar },
    plainLine(`the table ${object.name} is ${value}${near}`),
  );
};

export const sqlTableObservers: Record<string, Observer> = {
  "index-candidate": indexCandidate,
  "rows-per-scan": rowsPerScan,
  "planner-error": plannerError,
  "dead-rows": deadRows,
  "vacuum-held-by": vacuumHeldBy,
  "nearest-sequence": nearestSequence,
  "object-place": objectPlace,
};

async function tablesOf(look: Look): Promise<TableUse[]> {
  return (await (await inspectorFor(look, "postgres"))?.tables(look.signal)) ?? [];
}

/** One that names no schema may be in any. */
function isSameName(a: string, b: string): boolean {
  const [one, other] = [a.split("."), b.split(".")];
  const parts = Math.min(one.length, other.length);
  return one.slice(-parts).join(".") === other.slice(-parts).join(".");
}

/** Other tables have columns of this name, too: where the message names no table, only that none has it is known. */
function columnPlace({ name, table }: NamedObject, reachable: boolean, similar: string[]): Seen {
  if (reachable && table === undefined) return unseen("which table is meant, the message does not say");
  const value = reachable ? "present" : "missing";
  const near = similar.length > 0 ? `; there is ${similar.join(", ")}` : "";
  const of = table === undefined ? "" : ` of ${table}`;
  return seen(
    { value, name, elsewhere: [], similar },
    plainLine(`the column ${name}${of} is ${value}${near}`),
  );
}

/** Of which the planner is furthest from the truth, with the factor. */
export function worstBelieved(tables: readonly TableUse[]): (TableUse & { factor: number }) | undefined {
  const errors = tables
    .filter((one) => one.rows >= FEWEST_ROWS)
    .map((one) => ({ ...one, factor: factorOf(one) }));
  return errors.toSorted((a, b) => b.factor - a.factor)[0];
}

export function mostDead(tables: readonly TableUse[]): TableUse | undefined {
  return tables
    .filter((one) => one.rows + one.deadRows >= FEWEST_ROWS)
    .toSorted((a, b) => b.deadRows - a.deadRows)[0];
}

function factorOf({ rows, believedRows }: TableUse): number {
  const [have, believed] = [Math.max(1, rows), Math.max(1, believedRows ?? 1)];
  return Math.max(have / believed, believed / have);
}

/** What the detector read in the log. */
export function objectIn({ scene }: Look): NamedObject | undefined {
  const { object, name, table } = scene.finding.facts;
  if ((object !== "table" && object !== "column") || typeof name !== "string") return undefined;
  return { kind: object, name, ...(typeof table === "string" && { table }) };
}

function indexAdvice({ table, column, partitioned }: IndexCandidate, engine: "postgres" | "mysql"): string {
  const by = identifier(column, engine);
  if (engine === "mysql")
    return `ALTER TABLE ${identifier(table, engine)} ADD INDEX (${by}), ALGORITHM=INPLACE, LOCK=NONE;`;
  // A name that PostgreSQL wrote is quoted already.
  return partitioned
    ? `CREATE INDEX … ON ONLY ${table} (${by}); then for each partition CREATE INDEX CONCURRENTLY … (${by}); and ALTER INDEX … ATTACH PARTITION …; on the table itself it cannot be made CONCURRENTLY`
    : `CREATE INDEX CONCURRENTLY ON ${table} (${by});`;
}

function widerAdvice({ owner, sequence, type }: SequenceUse, engine: "postgres" | "mysql"): string {
  if (engine === "mysql") {
    const [table, column] = atLastPoint(owner ?? sequence).map((one) => identifier(one, engine));
    return `ALTER TABLE ${table} MODIFY ${column} BIGINT UNSIGNED NOT NULL AUTO_INCREMENT;`;
  }
  // Names that PostgreSQL wrote are quoted already.
  const [table, column] = atLastPoint(owner ?? "");
  const widen = owner === null ? "" : `ALTER TABLE ${table} ALTER COLUMN ${column} TYPE bigint; `;
  return type === "bigint"
    ? `ALTER SEQUENCE ${sequence} NO MAXVALUE;`
    : `${widen}ALTER SEQUENCE ${sequence} AS bigint;`;
}

/** A table and its column, whose name may be in quotes with points in it. */
function atLastPoint(name: string): [string, string] {
  const [, table = name, column = ""] = /^(.*)\.("(?:[^"]|"")*"|[^".]*)$/s.exec(name) ?? [];
  return [table, column];
}
