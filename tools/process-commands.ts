// With which command a process was started, run by run, and which one it is to be started with instead of the configured
// one after a repair.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { contentId } from "./content-id.ts";
import { hashOf, openKeptCommands, readJson, writeJson } from "./kept-commands.ts";

/** What is started: a program with its arguments, and the folder in which it runs. */
export interface CommandLine {
  command: readonly string[];
  cwd: string;
}

export interface CommandOfRun {
  id: string;
  /** When the first of an unbroken row of runs was started with it, Unix ms. */
  since: number;
  /** What was run before that; absent: it is the first one that is known. */
  replaced?: string | undefined;
}

export interface Instead {
  /** The configured command: as soon as the configuration says another one, it is heeded again. */
  insteadOf: string;
  id: string;
}

export type ProcessCommands = ReturnType<typeof openProcessCommands>;

const KEPT_COMMANDS = 20;
const lineSchema = z.object({ command: z.array(z.string()).min(1), cwd: z.string() });
const ofRunSchema = z.object({
  id: contentId,
  since: z.number(),
  replaced: contentId.optional(),
});
const insteadSchema = z.object({ insteadOf: contentId, id: contentId });
const failedSchema = z.object({ run: z.number(), words: z.string() });

export const commandId = ({ command, cwd }: CommandLine): string => hashOf([[...command], cwd]);

/** `path`: the folder of one process. */
export function openProcessCommands(path: string) {
  const kept = openKeptCommands<CommandLine>({
    folder: join(path, "commands"),
    schema: lineSchema,
    idOf: commandId,
    most: KEPT_COMMANDS,
  });
  const ofRun = (run: number): CommandOfRun | undefined =>
    readJson(join(path, `command-${run}`), ofRunSchema);

  return {
    ofRun,
    /** To be told before each start. A start that came to no process may have had the same number. */
    note(run: number, { command, cwd }: CommandLine, now: number): void {
      const id = kept.keep({ command, cwd }, now);
      const before = ofRun(run) ?? ofRun(run - 1);
      const next = before?.id === id ? before : { id, since: now, ...(before && { replaced: before.id }) };
      writeJson(join(path, `command-${run}`), next);
    },
    kept: (id: string): CommandLine | undefined => kept.get(id),
    instead: (): Instead | undefined => readJson(join(path, "instead"), insteadSchema),
    setInstead(instead: Instead | undefined): void {
      if (instead) writeJson(join(path, "instead"), instead);
      else rmSync(join(path, "instead"), { force: true });
    },
    /** Why the start of that number came to no process. */
    failed: (run: number): string | undefined => {
      const last = readJson(join(path, "failed"), failedSchema);
      return last?.run === run ? last.words : undefined;
    },
    setFailed: (run: number, words: string): void => writeJson(join(path, "failed"), { run, words }),
  };
}
