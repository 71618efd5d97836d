// Whether one of the service's own migrations would bring the table or column that the log misses, and may be run without
// a person: if not, the file and the statement that stopped it are named.
import { forgottenMigration } from "../../tools/actions/postgres/forgotten-migration.ts";
import { spokenObject } from "../../tools/actions/postgres/made-objects.ts";
import type { NamedObject } from "../../tools/database-inspector.ts";
import { inspectorFor, ofPrimary } from "./inside-database.ts";
import { type Observer, plainLine, seen, unseen } from "./observer.ts";
import { objectIn } from "./sql-tables.ts";

const LONGEST_REASON = 280;

const ownMigration: Observer = async (look) => {
  const object = objectIn(look);
  const { database } = look.scene.service;
  const inspector = await inspectorFor(look, "postgres");
  if (object === undefined) return unseen("nothing is missing");
  if (database?.kind !== "postgres" || inspector === undefined)
    return seen({ value: false }, "opsmedic repairs a database at the service that is the database");
  if (database.migrations === undefined)
    return seen({ value: false }, "its configuration names no postgres.migrations");
  const ask = (sql: string, values: readonly unknown[]) => inspector.ask(sql, values, look.signal);
  const found = await forgottenMigration(ask, database.migrations, missingOf(object));
  if ("why" in found) return seen({ value: false }, plainLine(found.why, LONGEST_REASON));
  const { file, sha256, main, objects } = found;
  const more = objects.length === 1 ? "" : ` and ${objects.length - 1} more`;
  return seen(
    { value: true, file, sha256, table: `${main.schema}.${main.name}`, column: main.column },
    plainLine(`${file} makes ${spokenObject(main)}${more}, and does nothing but add`, LONGEST_REASON),
  );
};

export const ownMigrationObservers: Record<string, Observer> = { "own-migration": ofPrimary(ownMigration) };

/** What stands before a column's name may be a table, or a name of the statement's own: only the message's word counts. */
function missingOf({ kind, name, table }: NamedObject) {
  const [bare = name, schema] = name.split(".").toReversed();
  if (kind === "table") return { schema, table: bare, column: null };
  const [of, ofSchema] = (table ?? "").split(".").toReversed();
  return { schema: ofSchema, table: of === "" ? undefined : of, column: bare };
}
