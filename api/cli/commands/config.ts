// config validate, show, schema.
import { stringify } from "yaml";
import { configJsonSchema, loadConfig, maskSecrets } from "../../config.ts";
import { answer, type CliContext, type Command } from "../context.ts";
import { many } from "../render/words.ts";

function load({ options, cwd }: CliContext) {
  return loadConfig({ cwd, ...(options.config !== undefined && { path: options.config }) });
}

/** Exit code 2 with every complaint where it is wrong. */
export const validate: Command = async (context) => {
  const { file, services, warnings } = load(context);
  return answer({ ok: true, file, services: services.map(({ name }) => name), warnings }, (given) =>
    [
      `${given.file ?? ""}: ok, ${many(given.services.length, "service")}`,
      ...given.warnings.map((one) => `▲ ${one}`),
    ].join("\n"),
  );
};

/** What is in force, defaults filled in, secrets masked. */
export const show: Command = async (context) =>
  answer(maskSecrets(load(context).raw), (given) => stringify(given).trimEnd());

/** The JSON Schema for editors. */
export const schema: Command = async () =>
  answer(configJsonSchema(), (given) => JSON.stringify(given, null, 2));
