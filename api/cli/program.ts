// Turns the tree of commands into commander's program.
import { Command as Program, Help } from "commander";
import type { CliDependencies } from "./context.ts";
import { completionScript, type Shell, shells } from "./completion.ts";
import { commands, globalFlags, groups } from "./tree.ts";
import type { CommandSpec } from "./tree/spec.ts";

export type Run = (spec: CommandSpec, args: readonly string[], program: Program) => Promise<void>;

const EXIT_CODES = `
Exit codes: 0 ok · 1 error · 2 usage or configuration · 3 problems found · 4 not allowed · 5 waits for approval
            6 fix failed, rolled back · 7 escalated · 8 timeout · 130 interrupted`;

/** Parsing throws CommanderError where the words make no sense; `extend` may add commands of other parts. */
export function makeProgram(
  { terminal, version }: Pick<CliDependencies, "terminal" | "version">,
  run: Run,
  extend?: (program: Program) => void,
): Program {
  const program = new Program("opsmedic")
    .description(
      "Finds what is broken, says why, repairs it when it is at least 85 % sure, and can take it back.",
    )
    .version(version(), "-V, --version")
    .addHelpText("after", EXIT_CODES)
    .showHelpAfterError("→ opsmedic --help lists every command; --help after a command lists its options.")
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) });
  for (const [flags, text] of globalFlags) program.option(flags, text);
  for (const spec of commands) declare(program, spec, run);
  declareCompletion(program, terminal);
  extend?.(program);
  return program;
}

function declare(program: Program, spec: CommandSpec, run: Run): void {
  const { parent, usage } = placeOf(program, spec.usage);
  const command = parent.command(usage).summary(spec.summary).description(described(spec));
  if (command.name() === "ls") command.alias("list");
  for (const [flags, text] of spec.options ?? []) command.option(flags, text);
  command.action(() => run(spec, command.args, command));
}

function described({ summary, choices }: CommandSpec): string {
  return choices === undefined ? sentence(summary) : `${sentence(summary)}\nOne of: ${choices.join(", ")}.`;
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Under which group of commands it stands ("patterns rules"), and the rest of its words. */
function placeOf(program: Program, usage: string): { parent: Program; usage: string } {
  const words = usage.split(" ");
  let parent = program;
  for (let depth = 1; ; depth += 1) {
    const text = groups[words.slice(0, depth).join(" ")];
    if (text === undefined) return { parent, usage: words.slice(depth - 1).join(" ") };
    parent = group(parent, words[depth - 1] ?? "", text);
  }
}

function group(parent: Program, name: string, text: string): Program {
  const known = parent.commands.find((one) => one.name() === name);
  return known ?? parent.command(name).description(sentence(text));
}

function declareCompletion(program: Program, terminal: CliDependencies["terminal"]): void {
  const command = program.command("completion <shell>").summary("script for bash, zsh, fish or powershell");
  command.description(
    "Prints a completion script:\n  opsmedic completion bash > ~/.local/share/bash-completion/completions/opsmedic",
  );
  command.action((wanted: string) => {
    const shell = shells.find((one): one is Shell => one === wanted);
    if (shell === undefined)
      return command.error(`error: there is no completion for ${wanted}; one of ${shells.join(", ")}`);
    terminal.out(completionScript(shell, program));
  });
}

/** Commands of a program, in the order of its help. */
export function visibleCommands(program: Program): readonly Program[] {
  return new Help().visibleCommands(program).filter((one) => one.name() !== "help");
}
