// What a migration would make, and the first of its statements that does more than add. A statement is taken for harmless
// only where every part of its parse tree is known here: what this page does not know stops the file.
import type { z } from "zod";
import { addedColumnSchema, problemOfColumn } from "./added-column.ts";
import { isPlain } from "./plain-expression.ts";
import type { Node, SqlStatement } from "./sql-statements.ts";
import {
  alterTableSchema,
  commentSchema,
  compositeSchema,
  createTableSchema,
  domainSchema,
  enumSchema,
  indexSchema,
  namesSchema,
  sequenceSchema,
  tableSchema,
} from "./statement-shapes.ts";

/** As a file writes it; null: where the search path leads. */
export interface WrittenName {
  schema: string | null;
  name: string;
}

export type Effect =
  | { does: "makes"; kind: "table" | "sequence" | "type"; schema: string; name: string }
  | { does: "adds-column"; table: WrittenName; column: string }
  | { does: "adds-index"; table: WrittenName; name: string }
  /** A foreign key to a table that the file does not make itself. */
  | { does: "needs"; table: WrittenName };

export interface Stop {
  line: number;
  /** Its beginning, on one line. */
  statement: string;
  why: string;
}

/** What is added before the stop is told as well: it says which file is meant. `here`: the schema of bare names. */
export function effectsOf(
  statements: readonly SqlStatement[],
  here: string,
): { effects: Effect[]; stop: Stop | undefined } {
  const effects: Effect[] = [];
  let stop: Stop | undefined;
  for (const { kind, node, text, line } of statements) {
    const added = (handlers[kind] ?? doesMore(kind))(node, scopeOf(effects, here));
    if (typeof added === "string") stop ??= { line, statement: beginningOf(text), why: added };
    else effects.push(...added);
  }
  return { effects, stop };
}

interface Scope {
  here: string;
  /** Of this file, and by a statement before. */
  isOwn(kind: "table" | "sequence" | "type" | "column", name: WrittenName, column?: string): boolean;
}

/** What it adds, or why it stops the file. */
type Handler = (node: Node, scope: Scope) => Effect[] | string;

const handlers: Readonly<Record<string, Handler>> = {
  CreateStmt(node, scope) {
    const parsed = createTableSchema.safeParse(node);
    if (!parsed.success) return "it is more than a plain table";
    const own = writtenIn(parsed.data.relation);
    const made: Effect = { does: "makes", kind: "table", ...placed(own, scope) };
    return [made, ...neededBy(parsed.data.tableElts, scope, own)];
  },
  CreateSeqStmt(node, scope) {
    const parsed = sequenceSchema.safeParse(node);
    if (!parsed.success) return "it is more than a plain sequence";
    return [{ does: "makes", kind: "sequence", ...placed(writtenIn(parsed.data.sequence), scope) }];
  },
  CreateEnumStmt: (node, scope) => madeType(enumSchema.safeParse(node).data?.typeName, scope),
  CreateDomainStmt: (node, scope) => madeType(domainSchema.safeParse(node).data?.domainname, scope),
  CompositeTypeStmt(node, scope) {
    const parsed = compositeSchema.safeParse(node);
    if (!parsed.success) return "it is more than a plain type";
    return [{ does: "makes", kind: "type", ...placed(writtenIn(parsed.data.typevar), scope) }];
  },
  IndexStmt(node, scope) {
    if (node["concurrent"] === true) return "CONCURRENTLY cannot be part of a transaction";
    const parsed = indexSchema.safeParse(node);
    if (!parsed.success) return "it is more than a plain index";
    const { relation, idxname, unique, whereClause, indexParams } = parsed.data;
    const table = writtenIn(relation);
    if (scope.isOwn("table", table)) return [];
    if (unique === true) return "a unique index refuses rows that the table takes now";
    if (idxname === undefined) return "an index without a name could not be taken back";
    const computed = indexParams.some(({ IndexElem: { name } }) => name === undefined);
    if (computed || !isPlain(whereClause))
      return "an index over what is computed runs a function for each row";
    return [{ does: "adds-index", table, name: idxname }];
  },
  AlterTableStmt(node, scope) {
    const parsed = alterTableSchema.safeParse(node);
    if (!parsed.success) return "it changes a table otherwise than by a new column";
    const table = writtenIn(parsed.data.relation);
    const commands = parsed.data.cmds.map(({ AlterTableCmd }) => AlterTableCmd);
    // A table of the file's own is empty, and nobody uses it yet.
    if (scope.isOwn("table", table)) return neededBy(commands, scope, table);
    const added: Effect[] = [];
    for (const { subtype, def } of commands) {
      if (subtype !== "AT_AddColumn") return "a constraint refuses rows that the table takes now";
      const column = addedColumnSchema.safeParse(def["ColumnDef"]);
      if (!column.success) return "the column is more than a plain one";
      const problem = problemOfColumn(column.data);
      if (problem !== undefined) return problem;
      added.push({ does: "adds-column", table, column: column.data.colname });
    }
    return added;
  },
  CommentStmt(node, scope) {
    const parsed = commentSchema.safeParse(node);
    const object = parsed.data?.object;
    if (parsed.data === undefined || object === undefined)
      return "it comments on what the file does not make";
    const words = ("List" in object ? object.List.items : object.TypeName.names).map(
      (one) => one.String.sval,
    );
    const kind = parsed.data.objtype.slice("OBJECT_".length).toLowerCase() as "table";
    const column = (kind as string) === "column" ? words.pop() : undefined;
    return scope.isOwn(kind, written(words), column) ? [] : "it comments on what the file does not make";
  },
};

function doesMore(kind: string): Handler {
  const known: Readonly<Record<string, string>> = {
    TransactionStmt: "opsmedic runs a migration in one transaction of its own",
    InsertStmt: "it writes rows",
    UpdateStmt: "it changes rows",
    DeleteStmt: "it takes rows away",
    DropStmt: "it takes something away",
    RenameStmt: "it renames something",
  };
  return () => known[kind] ?? "it does more than add a table, an index, a sequence, a type or a column";
}

function madeType(names: z.infer<typeof namesSchema> | undefined, scope: Scope): Effect[] | string {
  if (names === undefined) return "it is more than a plain type";
  const type = written(names.map((one) => one.String.sval));
  return [{ does: "makes", kind: "type", ...placed(type, scope) }];
}

/** Tables that foreign keys point to: those of the file itself are there by then. */
function neededBy(parts: unknown, scope: Scope, own: WrittenName): Effect[] {
  return valuesOf(parts, "pktable").flatMap((one): Effect[] => {
    const parsed = tableSchema.safeParse(one);
    const table = parsed.success ? writtenIn(parsed.data) : { schema: null, name: "" };
    const isThere = scope.isOwn("table", table) || isSame(placed(table, scope), placed(own, scope));
    return isThere ? [] : [{ does: "needs", table }];
  });
}

function valuesOf(value: unknown, key: string): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => (name === key ? [one] : valuesOf(one, key)));
}

function scopeOf(before: readonly Effect[], here: string): Scope {
  return {
    here,
    isOwn(kind, name, column) {
      const place = { schema: name.schema ?? here, name: name.name };
      return before.some((one) => {
        if (one.does === "makes") {
          const isKind = one.kind === kind || (kind === "column" && one.kind === "table");
          return isKind && isSame(one, place);
        }
        if (one.does !== "adds-column" || kind !== "column") return false;
        return one.column === column && one.table.name === name.name && one.table.schema === name.schema;
      });
    },
  };
}

function writtenIn({ schemaname, relname }: z.infer<typeof tableSchema>): WrittenName {
  return { schema: schemaname ?? null, name: relname };
}

/** Of "schema.name" or "name", part by part; one more part names a database, and fits nothing. */
function written(words: readonly string[]): WrittenName {
  const [name = "", schema = null] = words.toReversed();
  return words.length > 2 ? { schema: "", name } : { schema, name };
}

function placed({ schema, name }: WrittenName, { here }: Pick<Scope, "here">) {
  return { schema: schema ?? here, name };
}

function isSame(a: { schema: string; name: string }, b: { schema: string; name: string }): boolean {
  return a.schema === b.schema && a.name === b.name;
}

const LONGEST_BEGINNING = 80;

function beginningOf(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > LONGEST_BEGINNING ? `${line.slice(0, LONGEST_BEGINNING)}…` : line;
}
