// config validate, show, schema.
import { stringify } from "yaml";
import type { Service } from "../../../domain/service.ts";
import { configJsonSchema, loadConfig, maskSecrets } from "../../config.ts";
import { answer, type CliContext, type Command } from "../context.ts";
import { many } from "../render/words.ts";

function load({ options, cwd }: CliContext) {
  return loadConfig({ cwd, ...(options.config !== undefined && { path: options.config }) });
}

/** Exit code 2 with every complaint where it is wrong, in users' own playbooks too. */
export const validate: Command = async (context) => {
  const { file, services, warnings, baseDir } = load(context);
  const { loadPlaybooks } = await import("../../playbooks/load.ts");
  await loadPlaybooks(baseDir);
  const all = [...warnings, ...services.filter(isInvisible).map(({ name }) => invisible(name))];
  return answer({ ok: true, file, services: services.map(({ name }) => name), warnings: all }, (given) =>
    [
      `${given.file ?? ""}: ok, ${many(given.services.length, "service")}`,
      ...given.warnings.map((one) => `▲ ${one}`),
    ].join("\n"),
  );
};

/** Allowed, since a name alone may be there for others to depend on; but hardly ever meant. */
function isInvisible({ runtime, health, database, metrics }: Service): boolean {
  return runtime === undefined && database === undefined && health.length + metrics.length === 0;
}

const invisible = (name: string): string =>
  `${name}: has neither a runtime nor health checks, so there is nothing to look at`;

/** What is in force, defaults filled in, secrets masked. */
export const show: Command = async (context) =>
  answer(maskSecrets(load(context).raw), (given) => stringify(given).trimEnd());

/** The JSON Schema for editors. */
export const schema: Command = async () =>
  answer(configJsonSchema(), (given) => JSON.stringify(given, null, 2));
