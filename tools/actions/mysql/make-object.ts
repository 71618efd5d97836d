// Makes what a kept shape tells of. MySQL commits each change of a shape by itself: so a table is made under a name of
// ours, compared with what was kept, and renamed, which happens or not; and a column is added without a rebuild.
import { HealError } from "../../../domain/errors.ts";
import { beyondLimit } from "../checked.ts";
import { codeOf } from "../../probe-answer.ts";
import type { MysqlColumn } from "../../mysql-shapes.ts";
import type { MysqlDoor } from "./connection.ts";
import { hasShape, isTable, type KeptObject, ownName, placeOf } from "./kept-object.ts";
import { definitionToAdd } from "./restorable.ts";
import { dropOwn } from "./take-away-object.ts";

/** HealError "no-gain" where the server makes another table of the shape than it was. */
export async function makeTable(door: MysqlDoor, object: KeptObject): Promise<void> {
  const [own, place] = [ownName(object), placeOf(object.shape)];
  await door.ask(`create table if not exists ${door.name(own)} ${object.shape.body}`);
  if (!(await hasShape(door, own, object.shape))) {
    await dropOwn(door, own);
    throw new HealError(`the server does not make ${place} as it was`, {
      code: "no-gain",
      hint: "its settings or its version are others than then: run the migrations",
    });
  }
  // Never over a table that somebody else has made meanwhile: MySQL refuses that.
  await door.ask("rename table ?? to ??", [own, place]).catch(async (error: unknown) => {
    if (!(await isTable(door, place))) throw error;
    await dropOwn(door, own);
  });
}

/** HealError "limit-exceeded" where the server would have to write the table anew. */
export async function makeColumn(door: MysqlDoor, { shape }: KeptObject, column: MysqlColumn): Promise<void> {
  const there = new Set(
    (
      await door.ask(
        "select column_name as name from information_schema.columns where table_schema = ? and table_name = ?",
        [shape.schema, shape.name],
      )
    ).map((one) => String(one["name"])),
  );
  const where =
    column.after === null ? "first" : there.has(column.after) ? `after ${door.name(column.after)}` : "";
  const added = `${door.name(column.name)} ${definitionToAdd(column)} ${where}`;
  await door
    .ask(`alter table ${door.name(placeOf(shape))} add column ${added}, algorithm = instant`)
    .catch((error: unknown) => {
      const code = codeOf(error instanceof HealError ? error.cause : error) ?? "";
      if (code === "ER_DUP_FIELDNAME") return;
      if (!code.startsWith("ER_ALTER_OPERATION_NOT_SUPPORTED")) throw error;
      throw beyondLimit(
        `${placeOf(shape)} would have to be written anew for the column ${column.name}`,
        "add it by hand in a quiet hour",
      );
    });
}
