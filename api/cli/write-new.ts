// A file that a command writes: it must not exist, and only its owner may read it.
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { HealError } from "../../domain/errors.ts";
import type { CliContext } from "./context.ts";

export async function writeNew(file: string, text: string, { cwd }: Pick<CliContext, "cwd">): Promise<void> {
  await writeFile(resolve(cwd, file), text, { flag: "wx", mode: 0o600 }).catch((cause: unknown) => {
    throw new HealError(`${file} cannot be written`, {
      code: "usage",
      hint: "Choose a path that does not exist yet, in a folder that you may write to.",
      cause,
    });
  });
}
