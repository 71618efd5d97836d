// Which file of a service's migrations would bring what its program misses, and whether opsmedic may run it: exactly one
// makes it, makes nothing but additions, and no later file has other plans with it.
import { compareOrder, type MigrationFile, type MigrationFolder } from "./migration-files.ts";
import { type Effect, effectsOf, type Stop, type WrittenName } from "./effects.ts";
import { statementsIn } from "./sql-statements.ts";

export interface MissingObject {
  /** Of the table; undefined: the message names none. */
  schema: string | undefined;
  /** undefined: of a column whose table the message does not name. */
  table: string | undefined;
  column: string | null;
}

export interface ChosenMigration {
  file: MigrationFile;
  /** Each from its first word, without what stands between them. */
  statements: string[];
  effects: Effect[];
  /** What is missing, as the file writes it. */
  main: { table: WrittenName; column: string | null };
}

interface Read {
  file: MigrationFile;
  statements: string[];
  effects: Effect[];
  stop: Stop | undefined;
  mains: ChosenMigration["main"][];
}

/** `here`: the schema of bare names. `why`: a person is needed, and told so. */
export async function chooseMigration(
  object: MissingObject,
  { files, unread }: MigrationFolder,
  here: string,
): Promise<ChosenMigration | { why: string }> {
  const word = object.column ?? object.table ?? "";
  const unreadable: { path: string; why: string }[] = [...unread];
  const read: Read[] = [];
  for (const file of files.filter((one) => speaksOf(one, word))) {
    const statements = await statementsIn(file.sql);
    if ("unreadable" in statements) {
      unreadable.push({ path: file.path, why: `cannot be read as SQL (${statements.unreadable})` });
      continue;
    }
    const { effects, stop } = effectsOf(statements, here);
    const texts = statements.map((one) => one.text);
    read.push({ file, statements: texts, effects, stop, mains: mainsOf(object, effects, here) });
  }
  const makers = read.filter((one) => one.mains.length > 0);
  const [maker, other] = makers;
  if (maker === undefined) return { why: nobodyMakes(word, files.length, unreadable) };
  if (other !== undefined) return { why: `several migrations make ${word}: ${pathsOf(makers)}` };
  const { file, stop, mains, statements, effects } = maker;
  const [main] = mains;
  if (main === undefined || mains.length > 1) return { why: `${file.path} makes ${word} in several places` };
  if (stop !== undefined) return { why: `${file.path} would make it, but ${stopWords(stop)}` };
  const later = read.find((one) => one.stop !== undefined && isAfter(one.file.path, file.path));
  if (later?.stop !== undefined) {
    const stopped = stopWords(later.stop);
    return {
      why: `${file.path} would make it, but ${later.file.path} comes later and speaks of it too: ${stopped}`,
    };
  }
  const unknown = unreadable.find((one) => isAfter(one.path, file.path));
  if (unknown !== undefined)
    return { why: `${file.path} would make it, but ${unknown.path} comes later and ${unknown.why}` };
  return { file, statements, effects, main };
}

/** Whether its text has the word at all, whose quotes are doubled there; one that is spelled with escapes could be any. */
function speaksOf({ sql }: MigrationFile, word: string): boolean {
  const text = sql.toLowerCase();
  return [word, word.replaceAll('"', '""'), 'u&"'].some((one) => text.includes(one.toLowerCase()));
}

function mainsOf(object: MissingObject, effects: readonly Effect[], here: string): ChosenMigration["main"][] {
  const isMeant = ({ schema, name }: WrittenName): boolean =>
    (object.table === undefined || name === object.table) &&
    (object.schema === undefined || (schema ?? here) === object.schema);
  return effects.flatMap((one): ChosenMigration["main"][] => {
    if (object.column === null)
      return one.does === "makes" && one.kind === "table" && isMeant(one)
        ? [{ table: one, column: null }]
        : [];
    const isIt = one.does === "adds-column" && one.column === object.column && isMeant(one.table);
    return isIt ? [{ table: one.table, column: one.column }] : [];
  });
}

function nobodyMakes(
  word: string,
  count: number,
  unreadable: readonly { path: string; why: string }[],
): string {
  const [first] = unreadable;
  const none = `none of its ${count} migrations makes ${word}`;
  return first === undefined ? none : `${none}, and ${first.path} ${first.why}`;
}

function stopWords({ line, statement, why }: Stop): string {
  return `its line ${line} is left to a person, since ${why}: ${statement}`;
}

function isAfter(path: string, other: string): boolean {
  return compareOrder(path, other) > 0;
}

function pathsOf(all: readonly Read[]): string {
  return all.map((one) => one.file.path).join(", ");
}
