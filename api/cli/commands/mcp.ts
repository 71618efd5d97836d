// mcp: opsmedic's records for an assistant that starts programs and talks to them over standard input and output.
import { actingToolNames } from "../../mcp/acting-tools.ts";
import { mcpOverStdio } from "../../mcp/stdio.ts";
import { type Command, type CommandOptions, textOption } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { usageError } from "./options.ts";

export const mcp: Command = (context, _args, options) => {
  const allow = allowed(options);
  return context.withOperations(async (operations): Promise<ExitCode> => {
    const actor = { ...context.actor, name: `${context.actor.name} (mcp)` };
    await mcpOverStdio({ operations, allow, version: context.version() }, actor, context.signal);
    return EXIT.ok;
  });
};

function allowed(options: CommandOptions): string[] {
  const names = (textOption(options, "allow") ?? "").split(",").filter((one) => one !== "");
  const unknown = names.find((one) => !actingToolNames.includes(one));
  if (unknown === undefined) return names;
  throw usageError(
    `--allow ${unknown} is no tool that changes anything`,
    `Known: ${actingToolNames.join(", ")}.`,
  );
}
