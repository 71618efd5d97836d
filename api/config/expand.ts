// ${VAR}, ${VAR:-default} and file:/path: how a configuration takes values from its surroundings. Only whole
// values are replaced, never keys or structure, so no variable can add a key.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { messageOf } from "../../domain/errors.ts";
import type { Complaint } from "./complaints.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/** Keys that hold secrets: they may come from a file, and they are masked when shown. */
export const SECRET_KEYS: ReadonlySet<string> = new Set([
  "adminToken",
  "apiKey",
  "url",
  "secret",
  "password",
  "token",
  "routingKey",
  "smtp",
]);
const LONGEST_SECRET = 65_536;
/** `$${` writes a plain `${`. */
const REFERENCE = /\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|(\$\{)/g;
const NUMBER_OR_BOOLEAN = /^(?:-?\d+(?:\.\d+)?|true|false)$/;

export interface Surroundings {
  variables: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  baseDir: string;
}

/** Replaces in place; a value that cannot be had is a complaint, and stays as it was written. */
export function expandReferences(source: YamlSource, surroundings: Surroundings): Complaint[] {
  const complaints: Complaint[] = [];
  source.replaceTexts((text, path, plain) => {
    const complain = (message: string): void => {
      complaints.push({ ...source.placeOf(path), path, message });
    };
    const expanded = fromVariables(text, surroundings.variables, complain);
    const value = isSecretFile(expanded, path)
      ? fromFile(expanded, surroundings.baseDir, complain)
      : expanded;
    return plain && value !== text && NUMBER_OR_BOOLEAN.test(value) ? JSON.parse(value) : value;
  });
  return complaints;
}

function fromVariables(
  text: string,
  variables: Surroundings["variables"],
  complain: (message: string) => void,
): string {
  return text.replace(REFERENCE, (whole, escaped?: string, name?: string, fallback?: string) => {
    if (escaped !== undefined) return escaped;
    if (name === undefined) {
      complain("Not a reference: write ${NAME} or ${NAME:-default}; $${ stands for a plain ${");
      return whole;
    }
    // As in a shell, ":-" also covers a variable that is set and empty.
    const value = fallback === undefined ? variables[name] : variables[name] || fallback;
    if (value === undefined) complain(`\${${name}} is not set; set it, or write \${${name}:-default}`);
    return value ?? whole;
  });
}

/** A process's own environment may hold file: addresses of its own; those are left alone. */
function isSecretFile(text: string, path: Path): boolean {
  return text.startsWith("file:") && !path.includes("env") && SECRET_KEYS.has(String(path.at(-1)));
}

function fromFile(text: string, baseDir: string, complain: (message: string) => void): string {
  const file = resolve(baseDir, text.slice("file:".length).replace(/^\/\/(?=\/)/, ""));
  try {
    const content = readFileSync(file, "utf8");
    if (content.length <= LONGEST_SECRET) return content.replace(/\r?\n$/, "");
    complain(`The secret's file ${file} is longer than ${LONGEST_SECRET} letters`);
  } catch (error) {
    complain(`The secret's file cannot be read: ${messageOf(error)}`);
  }
  return text;
}
