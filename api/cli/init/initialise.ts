// init: writes a first opsmedic.yaml from what runs here. Never overwrites, and asks only where somebody answers.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { answer, type Answer, type CliContext } from "../context.ts";
import { usageError } from "../commands/options.ts";
import { many } from "../render/words.ts";
import { draftConfig } from "./draft.ts";

export async function initialise(
  context: CliContext,
  { yes, dryRun }: { yes: boolean; dryRun: boolean },
): Promise<Answer> {
  const file = resolve(context.cwd, context.options.config ?? "opsmedic.yaml");
  const shown = relative(context.cwd, file) || file;
  if (existsSync(file))
    throw usageError(`${shown} exists already`, "Edit it, or move it away first; init never overwrites.");
  context.progress("Looking for containers and local services …");
  const found = await context.findServices(context.signal);
  for (const note of found.notes) context.progress(`▲ ${note}`);
  const text = draftConfig(found);
  if (dryRun) return answer({ file, written: false, config: text }, (given) => given.config.trimEnd());
  if (!yes && !(await agreed(context, shown, text)))
    return answer({ file, written: false }, () => "Nothing was written.");
  await writeWithSchema(file, text);
  const count = found.containers.length + found.ports.length;
  return answer({ file, written: true, services: count }, () =>
    [
      `Wrote ${shown} with ${many(count, "service")}.`,
      "Next: opsmedic config validate, opsmedic doctor, opsmedic serve",
    ].join("\n"),
  );
}

async function agreed({ terminal }: CliContext, shown: string, text: string): Promise<boolean> {
  if (!terminal.interactive)
    throw usageError("Nobody is here to ask", `Add --yes to write ${shown}, or --dry-run to see it.`);
  terminal.err(`${text}\n`);
  return /^y(es)?$/i.test((await terminal.ask(`Write this to ${shown}? [y/N] `)).trim());
}

/** The schema goes beside it, so that editors complete and check. */
async function writeWithSchema(file: string, text: string): Promise<void> {
  const { configJsonSchema } = await import("../../config.ts");
  await writeFile(file, text, { flag: "wx" });
  const schema = join(file, "..", "opsmedic.schema.json");
  if (!existsSync(schema))
    await writeFile(schema, `${JSON.stringify(configJsonSchema(), null, 2)}\n`, { flag: "wx" });
}
