// init: writes a first opsmedic.yaml from what runs here. Never overwrites, and asks only where somebody answers.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { allVariables } from "../../config.ts";
import { answer, type Answer, type CliContext } from "../context.ts";
import { usageError } from "../commands/options.ts";
import { many } from "../render/words.ts";
import { draftConfig } from "./draft.ts";
import { findCompose } from "./find-compose.ts";
import type { Found, FoundContainer } from "./found.ts";

export async function initialise(
  context: CliContext,
  { yes, dryRun }: { yes: boolean; dryRun: boolean },
): Promise<Answer> {
  const file = resolve(context.cwd, context.options.config ?? "opsmedic.yaml");
  const shown = relative(context.cwd, file) || file;
  if (existsSync(file) && !dryRun)
    throw usageError(
      `${shown} exists already`,
      "Edit it (opsmedic init --dry-run shows what runs here), or move it away: init never overwrites.",
    );
  context.progress("Looking for containers and local services …");
  const found = withCompose(await context.findServices(context.signal), context);
  for (const note of found.notes) context.progress(`▲ ${note}`);
  const text = draftConfig(found);
  if (dryRun) return answer({ file, written: false, config: text }, (given) => given.config.trimEnd());
  if (!yes && !(await agreed(context, shown, text)))
    return answer({ file, written: false }, () => "Nothing was written.");
  await writeWithSchema(file, text);
  const count = found.containers.length + found.ports.length;
  const next =
    count === 0
      ? "Nothing was found here: name your services in it, then opsmedic config validate, opsmedic doctor"
      : "Next: opsmedic config validate, opsmedic doctor, opsmedic serve";
  return answer({ file, written: true, services: count }, () =>
    [`Wrote ${shown} with ${many(count, "service")}.`, next].join("\n"),
  );
}

/** What runs is known better than what a file says; what does not run yet is known from the file alone. */
function withCompose(found: Found, { cwd, progress }: CliContext): Found {
  const compose = findCompose(cwd, allVariables());
  const more = (compose?.containers ?? []).filter(
    (one) => !found.containers.some((known) => isDeepStrictEqual(serviceOf(known), serviceOf(one))),
  );
  if (compose && more.length > 0)
    progress(`${compose.file}: ${many(more.length, "service")} that did not run just now`);
  const published = new Set(more.flatMap(({ ports }) => ports.map(({ host }) => host)));
  return {
    ...found,
    containers: [...found.containers, ...more],
    ports: found.ports.filter(({ port }) => !published.has(port)),
  };
}

const serviceOf = ({ compose }: FoundContainer) => compose && [compose.project, compose.service];

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
