// How an observation gets at the inside of a database: the one of the service at fault, asked now.
import type { DatabaseEngine, DatabaseNumber } from "../../domain/database.ts";
import type { Database } from "../../domain/service.ts";
import { type DatabaseSignal, only } from "../../domain/signal.ts";
import type { DatabaseInspector, InspectorOf } from "../../tools/database-inspector.ts";
import { inWords, type Look, type Observer, percent, seen, signalsOf } from "./observer.ts";

/** undefined: the service is no database, or nobody looks into it. */
export async function inspectorOf({ parts, scene }: Look): Promise<DatabaseInspector | undefined> {
  const { database } = scene.service;
  return database && (await parts.databases?.of(database));
}

export async function inspectorFor<E extends DatabaseEngine>(
  look: Look,
  engine: E,
): Promise<InspectorOf<E> | undefined> {
  const inspector = await inspectorOf(look);
  return inspector?.engine === engine ? (inspector as InspectorOf<E>) : undefined;
}

export async function sqlInspectorOf(look: Look): Promise<InspectorOf<"postgres" | "mysql"> | undefined> {
  const inspector = await inspectorOf(look);
  return inspector === undefined || inspector.engine === "redis" ? undefined : inspector;
}

/** The service's own database of this engine, else one that it depends on. */
export function databaseNear({ parts, scene }: Look, engine: string): Database | undefined {
  const needed = parts.services().filter((one) => scene.service.dependsOn.includes(one.name));
  return [scene.service, ...needed].find((one) => one.database?.kind === engine)?.database;
}

export function databaseSignals(look: Look): DatabaseSignal[] {
  return only(signalsOf(look), "database");
}

/** Of a repair that changes what a primary hands on: nothing, where the database follows one and has it from there. */
export function ofPrimary(observer: Observer): Observer {
  return async (look) =>
    followsOnly(look)
      ? seen(null, "it follows a primary, and takes such a change from there only: it is to be made there")
      : observer(look);
}

/** A replica of MySQL that takes writes, too, is a primary beside another one. */
function followsOnly(look: Look): boolean {
  const { engine, words } = databaseSignals(look).at(-1) ?? {};
  return words?.role === "replica" && (engine !== "mysql" || words["read-only"] === "yes");
}

/** How much a counter rose in the window; undefined where fewer than two looks know it. */
export function riseOf(look: Look, name: DatabaseNumber): { by: number; overMs: number } | undefined {
  const known = databaseSignals(look).filter((one) => one.numbers[name] !== undefined);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  const by = (last.numbers[name] ?? 0) - (first.numbers[name] ?? 0);
  return by < 0 ? undefined : { by, overMs: last.at - first.at };
}

/** A number in the words of its name: shares in percent, times and sizes with their unit. */
export function amount(name: string, value: number): string {
  if (name.endsWith("-ms")) return inWords(value);
  if (name.endsWith("-share")) return percent(value);
  if (name.endsWith("-bytes")) return megabytes(value);
  return String(Math.round(value * 100) / 100);
}

export function megabytes(bytes: number): string {
  const mb = bytes / 1024 ** 2;
  return mb >= 1_024 ? `${(mb / 1_024).toFixed(1)} GB` : `${mb < 10 ? mb.toFixed(1) : Math.round(mb)} MB`;
}

/** A name from outside as a quoted identifier of SQL. */
export function identifier(name: string, engine: string): string {
  const mark = engine === "mysql" ? "`" : '"';
  return name
    .split(".")
    .map((part) =>
      /^[a-z_][a-z0-9_]*$/.test(part) ? part : `${mark}${part.replaceAll(mark, mark + mark)}${mark}`,
    )
    .join(".");
}

/** A value from outside as a text of SQL. */
export function literal(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
