// bench: the readers of logs and numbers over files, as the product runs them, for measuring them from outside.
import { resolve } from "node:path";
import type { BenchRequest, Command, CommandOptions } from "../context.ts";
import { textOption } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { usageError } from "./options.ts";

type FileVerb = Exclude<BenchRequest["verb"], "rca">;

export function benchFile(verb: FileVerb): Command {
  return async ({ bench, cwd }, _args, options) => {
    const [input, output] = [path(cwd, options, "input"), path(cwd, options, "output")];
    await bench({ verb, input, output });
    return EXIT.ok;
  };
}

export const benchCase: Command = async ({ bench, cwd }, _args, options) => {
  const [incident, normal] = [path(cwd, options, "case"), path(cwd, options, "normal")];
  await bench({ verb: "rca", incident, normal, output: path(cwd, options, "output") });
  return EXIT.ok;
};

function path(cwd: string, options: CommandOptions, name: string): string {
  const given = textOption(options, name);
  if (given !== undefined) return resolve(cwd, given);
  throw usageError(`bench needs --${name}`, `opsmedic bench --help lists what each verb reads and writes.`);
}
