// Commands kept under the hash of what they say: who names one can name only what ran here. Arguments may be secrets, so
// only the folder's owner may read them.
import { createHash } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Json } from "../domain/json.ts";
import { withoutSecrets } from "../domain/mask-secrets.ts";
import { contentId } from "./content-id.ts";

export interface KeptCommands<Command> {
  /** Its id. `now`: when it was last seen in use, Unix ms. */
  keep(command: Command, now: number): string;
  /** undefined: it was never kept here, too long ago, or its file is not what was written. */
  get(id: string): Command | undefined;
}

export interface KeptCommandsOptions<Command> {
  folder: string;
  schema: z.ZodType<Command>;
  idOf: (command: Command) => string;
  /** The ones that were in use last. */
  most: number;
}

export function openKeptCommands<Command extends object>({
  folder,
  schema,
  idOf,
  most,
}: KeptCommandsOptions<Command>): KeptCommands<Command> {
  const fileOf = (id: string): string => join(folder, `${id.replace("sha256:", "")}.json`);

  function prune(): void {
    const all = readdirSync(folder).map((name) => ({ name, at: statSync(join(folder, name)).mtimeMs }));
    for (const { name } of all.toSorted((a, b) => b.at - a.at).slice(most)) rmSync(join(folder, name));
  }

  return {
    keep(command, now) {
      const id = idOf(command);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeJson(fileOf(id), command);
      utimesSync(fileOf(id), now / 1_000, now / 1_000);
      prune();
      return id;
    },
    get(id) {
      const command = contentId.safeParse(id).success ? readJson(fileOf(id), schema) : undefined;
      return command && idOf(command) === id ? command : undefined;
    },
  };
}

export function hashOf(value: Json): string {
  return `sha256:${createHash("sha256").update(JSON.stringify(value)).digest("hex")}`;
}

const quoted = (one: string): string =>
  /^[\w@%+=:,./-]+$/.test(one) ? one : `'${one.replaceAll("'", "'\\''")}'`;

/** As a person would type it, without what looks like a secret. */
export function shownCommand(words: readonly string[]): string {
  return withoutSecrets(words.map(quoted).join(" "));
}

/** Appears whole or not at all. */
export function writeJson(file: string, value: object): void {
  writeFileSync(`${file}.new`, JSON.stringify(value), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** undefined: it is not there, or is no such thing. */
export function readJson<Value>(file: string, schema: z.ZodType<Value>): Value | undefined {
  try {
    return schema.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}
