// The command of a container: as it runs, and what of it is not its image's own.
import type Docker from "dockerode";
import { z } from "zod";
import type { Inspected } from "./docker-engine.ts";
import { hashOf, type KeptCommands, openKeptCommands } from "./kept-commands.ts";

const wordsSchema = z.array(z.string()).nullable();
const containerCommandSchema = z.object({
  entrypoint: wordsSchema,
  cmd: wordsSchema,
  /** What its owner has set in place of what its image says. */
  own: z.object({ Entrypoint: wordsSchema, Cmd: wordsSchema }).partial(),
});
export type ContainerCommand = z.infer<typeof containerCommandSchema>;
export type OwnCommand = ContainerCommand["own"];
export type ContainerCommands = KeptCommands<ContainerCommand>;

/** What an image says; undefined: it is gone. */
export type ImageDefaults = Docker.ImageInspectInfo["Config"] | undefined;

/** Of all services together. */
const KEPT_COMMANDS = 500;

export function openContainerCommands(folder: string): ContainerCommands {
  return openKeptCommands({ folder, schema: containerCommandSchema, idOf: idOf, most: KEPT_COMMANDS });
}

const idOf = ({ entrypoint, cmd }: Omit<ContainerCommand, "own">): string => hashOf([entrypoint, cmd]);

/** By what it runs, whoever has said so. */
export function commandIdOf({ Config: { Entrypoint: entrypoint, Cmd: cmd } }: Inspected): string {
  return idOf({ entrypoint: wordsOf(entrypoint), cmd: wordsOf(cmd) });
}

export function commandOf({ Config: config }: Inspected, image: ImageDefaults): ContainerCommand {
  const [entrypoint, cmd] = [wordsOf(config.Entrypoint), wordsOf(config.Cmd)];
  const isSame = (own: string[] | null, its: string | string[] | null | undefined): boolean =>
    JSON.stringify(own) === JSON.stringify(wordsOf(its));
  return {
    entrypoint,
    cmd,
    own: {
      ...(!isSame(entrypoint, image?.Entrypoint) && { Entrypoint: entrypoint }),
      ...(!isSame(cmd, image?.Cmd) && { Cmd: cmd }),
    },
  };
}

/** To be made with this beside its image's own. */
export function withCommand(
  { Entrypoint: _entrypoint, Cmd: _cmd, ...others }: Docker.ContainerCreateOptions,
  { Entrypoint, Cmd }: OwnCommand,
): Docker.ContainerCreateOptions {
  return { ...others, ...(Entrypoint && { Entrypoint }), ...(Cmd && { Cmd }) };
}

/** Entrypoint and arguments in one row. */
export function wordsIn({ entrypoint, cmd }: Pick<ContainerCommand, "entrypoint" | "cmd">): string[] {
  return [...(entrypoint ?? []), ...(cmd ?? [])];
}

function wordsOf(words: string | string[] | null | undefined): string[] | null {
  return typeof words === "string" ? [words] : (words ?? null);
}
