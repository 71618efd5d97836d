// The shapes of the tables of MySQL and MariaDB: for each what SHOW CREATE TABLE writes after its name, which is enough to
// make an empty one again. Only InnoDB's are kept: what another engine half did, nobody takes back.
import { z } from "zod";
import { keptIn, keptSchema } from "./kept-tables.ts";
import type { MysqlReader } from "./mysql-reader.ts";
import { textIn } from "./row-values.ts";

const columnSchema = z.object({
  name: z.string(),
  /** As the server writes it after the name: "int(11) NOT NULL DEFAULT 1". */
  definition: z.string(),
  /** The column before it; null: it is the first. */
  after: z.string().nullable(),
});
export type MysqlColumn = z.infer<typeof columnSchema>;

export const mysqlShapeSchema = z.object({
  schema: z.string(),
  name: z.string(),
  /** From the first parenthesis on. */
  body: z.string().startsWith("(\n"),
  columns: z.array(columnSchema).min(1),
  /** Names of its triggers, which go with it; null: this user may not see them. */
  triggers: z.array(z.string()).nullable(),
});
export type MysqlShape = z.infer<typeof mysqlShapeSchema>;

const keptMysqlTableSchema = keptSchema(mysqlShapeSchema, columnSchema);
export type KeptMysqlTable = z.infer<typeof keptMysqlTableSchema>;

export function keptMysqlTablesIn(files: readonly { content: string }[]): KeptMysqlTable[] {
  return keptIn(keptMysqlTableSchema, files);
}

/** Of what we make ourselves while a table comes back. */
export const OWN_TABLES = "opsmedic_";
const LARGEST_INT = 2 ** 31 - 1;

/** A dot in a name would be read as the end of the one before it. */
const namesSql = `
select table_schema as place, table_name as name from information_schema.tables
where table_type = 'BASE TABLE' and engine = 'InnoDB' and create_options not like '%partitioned%'
  and table_schema not in ('mysql', 'information_schema', 'performance_schema', 'sys')
  and instr(concat(table_schema, table_name), '.') = 0 and left(table_name, ${OWN_TABLES.length}) <> '${OWN_TABLES}'
order by table_schema, table_name limit 500`;

const triggersSql = `
select event_object_schema as place, event_object_table as \`table\`, trigger_name as name from information_schema.triggers
order by trigger_name`;

const me = "concat('''', replace(current_user(), '@', '''@'''), '''')";
/** Where triggers can be seen; % is everywhere. */
const triggerRightsSql = `
select '%' as place from information_schema.user_privileges where privilege_type = 'TRIGGER' and grantee = ${me}
union select replace(table_schema, '\\\\_', '_') from information_schema.schema_privileges where privilege_type = 'TRIGGER' and grantee = ${me}`;

/** All of them or an error: a table that was not read must not be thought gone. HealError as the reader's. */
export async function readShapes(
  { read }: Pick<MysqlReader, "read">,
  signal?: AbortSignal,
): Promise<MysqlShape[]> {
  const names = await read(namesSql, [], signal);
  const triggers = await read(triggersSql, [], signal);
  const seen = new Set((await read(triggerRightsSql, [], signal)).map((one) => textIn(one, "place")));
  const shapes: MysqlShape[] = [];
  for (const one of names) {
    const [schema, name] = [textIn(one, "place") ?? "", textIn(one, "name") ?? ""];
    const [row] = await read("show create table ??", [`${schema}.${name}`], signal);
    const shape = shapeOf(schema, name, textIn(row, "Create Table") ?? "");
    if (shape === undefined) continue;
    const own = triggers.filter((t) => textIn(t, "place") === schema && textIn(t, "table") === name);
    const mayBeSeen = seen.has("%") || seen.has(schema);
    shapes.push({ ...shape, triggers: mayBeSeen ? own.map((t) => textIn(t, "name") ?? "") : null });
  }
  return shapes;
}

/** `text`: of SHOW CREATE TABLE. undefined: it is written in a way that we do not know (another sql_mode). */
export function shapeOf(
  schema: string,
  name: string,
  text: string,
): Omit<MysqlShape, "triggers"> | undefined {
  const body = /^CREATE TABLE `(?:[^`]|``)+` (\(\n[\s\S]*\n\) ENGINE=InnoDB[\s\S]*)$/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const columns: MysqlColumn[] = [];
  for (const line of body.split("\n")) {
    const [, quoted, definition] = /^ {2}`((?:[^`]|``)+)` (.+?),?$/.exec(line) ?? [];
    if (quoted === undefined || definition === undefined) continue;
    columns.push({
      name: quoted.replaceAll("``", "`"),
      definition,
      after: columns.at(-1)?.name ?? null,
    });
  }
  return columns.length === 0 ? undefined : { schema, name, body: roundedUp(body, columns), columns };
}

/** The text without where its count stands, which moves by itself: for comparing. */
export function withoutCount(body: string): string {
  return body.replace(/(\n\) ENGINE=InnoDB) AUTO_INCREMENT=\d+/, "$1");
}

/**
 * The next number of a key, a little further on: a key that was given once must not be given to another row, which the
 * rows of other tables would then belong to; and a table that only grows must not look changed each time.
 */
function roundedUp(body: string, columns: readonly MysqlColumn[]): string {
  const narrow = columns.some(
    (one) => /^(?:tiny|small|medium)int/.test(one.definition) && / AUTO_INCREMENT\b/.test(one.definition),
  );
  return body.replace(/(\n\) ENGINE=InnoDB AUTO_INCREMENT=)(\d+)/, (all, before: string, digits: string) => {
    const step = 10 ** Math.max(1, digits.length - 2);
    const next = (Math.floor(Number(digits) / step) + 2) * step;
    return narrow || next > LARGEST_INT ? all : `${before}${next}`;
  });
}
