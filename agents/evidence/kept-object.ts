// Whether the table or column that the log misses was there while the database was well, so that it may come back.
import { restoreProblem as problemOf } from "../../tools/actions/postgres/restorable.ts";
import type { Ask } from "../../tools/actions/postgres/unused-sessions.ts";
import { restoreProblem, restoreRights } from "../../tools/actions/mysql/restorable.ts";
import type { NamedObject } from "../../tools/database-inspector.ts";
import { type Kept, type NamedShape, schemaHistoryOf } from "../../tools/kept-tables.ts";
import { keptMysqlTablesIn } from "../../tools/mysql-shapes.ts";
import { keptTablesIn } from "../../tools/schema-shapes.ts";
import { inspectorFor, ofPrimary } from "./inside-database.ts";
import { type Look, type Observer, plainLine, seen, unseen } from "./observer.ts";
import { objectIn } from "./sql-tables.ts";

/** Whether it was there, and in which table. */
const keptObject: Observer = async (look) => {
  const object = objectIn(look);
  const { database, name } = look.scene.service;
  if (object === undefined || database === undefined || database.kind === "redis")
    return unseen("it is no such database, or nothing is missing");
  const files = (await look.parts.history.lastGood(schemaHistoryOf(name)))?.files ?? [];
  if (database.kind === "postgres") {
    const kept = keptFor(object, keptTablesIn(files), "public");
    const inspector = kept && (await inspectorFor(look, "postgres"));
    const ask: Ask = async (sql, values) => (await inspector?.ask(sql, values, look.signal)) ?? [];
    const lost = kept && columnsOf(kept).find((one) => one.name === bare(object));
    const problem = kept && (await problemOf(ask, kept.shape, object.kind === "column" ? lost : undefined));
    return problem === undefined ? told(object, kept) : byHand(object, problem);
  }
  const found = keptFor(object, keptMysqlTablesIn(files), new URL(database.url).pathname.slice(1));
  const column =
    object.kind === "column" ? found && columnsOf(found).find((one) => one.name === bare(object)) : undefined;
  const problem =
    found && (restoreProblem(found.shape, column) ?? (await rightsProblem(look, found, object)));
  return problem === undefined ? told(object, found) : byHand(object, problem);
};

export const keptObjectObservers: Record<string, Observer> = { "kept-object": ofPrimary(keptObject) };

/** Without the right a human is asked at once, and no run fails for it. */
async function rightsProblem(
  look: Look,
  { shape }: Kept<NamedShape>,
  { kind }: NamedObject,
): Promise<string | undefined> {
  const mysql = await inspectorFor(look, "mysql");
  const needed = kind === "column" ? restoreRights.column : restoreRights.table;
  const lacking = (await mysql?.lacks(needed, `${shape.schema}.${shape.name}`, look.signal)) ?? needed;
  return lacking.length === 0 ? undefined : `its user lacks ${lacking.join(", ")}`;
}

function byHand({ name }: NamedObject, problem: string) {
  return seen({ value: false }, plainLine(`${name} was there, but does not come back by itself: ${problem}`));
}

function told(object: NamedObject, found: Kept<NamedShape> | undefined) {
  if (found === undefined) return seen({ value: false }, `${plainLine(object.name, 80)} was never seen here`);
  const table = `${found.shape.schema}.${found.shape.name}`;
  const column = object.kind === "column" ? bare(object) : null;
  return seen(
    { value: true, table, column },
    plainLine(`${object.name} was there while all was well, in ${table}`),
  );
}

/** The one table that is meant; where two may be meant, the one in the usual place, else none. */
function keptFor<Shape extends NamedShape>(
  object: NamedObject,
  kept: readonly Kept<Shape>[],
  usual: string,
): Kept<Shape> | undefined {
  const meant =
    object.kind === "table" ? kept.filter((one) => isNamed(one, object.name)) : owners(object, kept);
  const inUsual = meant.filter((one) => one.shape.schema === usual);
  return meant.length === 1 ? meant[0] : inUsual.length === 1 ? inUsual[0] : undefined;
}

/** Tables that had such a column. What stands before its name may be a table, or a name of the statement's own. */
function owners<Shape extends NamedShape>(
  object: NamedObject,
  kept: readonly Kept<Shape>[],
): readonly Kept<Shape>[] {
  const column = bare(object);
  const all = kept.filter((one) => columnsOf(one).some(({ name }) => name === column));
  const owner = object.table ?? object.name.split(".").slice(0, -1).join(".");
  const named = all.filter((one) => isNamed(one, owner));
  return named.length > 0 || object.table !== undefined ? named : all;
}

/** When it was seen last, or before that. */
function columnsOf<Shape extends NamedShape>({ shape, goneColumns }: Kept<Shape>): Shape["columns"] {
  return [...shape.columns, ...goneColumns.map((one) => one.column)];
}

function bare({ name }: NamedObject): string {
  return name.split(".").at(-1) ?? name;
}

function isNamed({ shape }: Kept<NamedShape>, said: string): boolean {
  return said === shape.name || said === `${shape.schema}.${shape.name}`;
}
