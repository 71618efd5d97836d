// Which tables and columns of MySQL come back without a human: those of which a kept shape tells everything.
import { type MysqlColumn, type MysqlShape, OWN_TABLES } from "../../mysql-shapes.ts";

/** What a user needs for it, and to take it back. Foreign keys need REFERENCES as well. */
export const restoreRights = {
  table: ["SELECT", "CREATE", "DROP", "ALTER", "INSERT", "LOCK TABLES"],
  column: ["SELECT", "ALTER", "LOCK TABLES"],
} as const;

/** Why not; undefined: nothing is in the way. `column` undefined: the whole table. */
export function restoreProblem(shape: MysqlShape, column: MysqlColumn | undefined): string | undefined {
  if (shape.name.startsWith(OWN_TABLES)) return "it is one of ours";
  if (column !== undefined) return columnProblem(column);
  if (shape.triggers === null)
    return "whether it had triggers cannot be seen (opsmedic doctor prints the GRANT)";
  if (shape.triggers.length > 0) return `it had triggers (${shape.triggers.join(", ")}), which are not kept`;
  return undefined;
}

/** What rows that are there would hold must be certain, or nobody could tell later whether it was written into. */
function columnProblem({ definition }: MysqlColumn): string | undefined {
  const words = withoutTexts(definition);
  if (/ AUTO_INCREMENT\b/.test(words)) return "it counts its rows, which takes a key";
  if (/ GENERATED ALWAYS AS /.test(words))
    return / STORED\b/.test(words) ? "it is computed and stored" : undefined;
  if (/ DEFAULT [^ ]*\(/.test(words)) return "what rows would hold in it is computed";
  return undefined;
}

/** As it is added to rows that are there: what may not be null and has no value of its own begins as null. */
export function definitionToAdd({ definition }: MysqlColumn): string {
  const words = withoutTexts(definition);
  if (/ DEFAULT | GENERATED ALWAYS AS /.test(words)) return definition;
  return definition.replaceAll(/('(?:[^'\\]|\\.|'')*')| NOT NULL\b/g, (_all, text?: string) => text ?? "");
}

export function isGenerated({ definition }: MysqlColumn): boolean {
  return / GENERATED ALWAYS AS /.test(withoutTexts(definition));
}

/** Texts may hold any word: a comment, a value of an enum. */
function withoutTexts(definition: string): string {
  return definition.replaceAll(/'(?:[^'\\]|\\.|'')*'/g, "''");
}
