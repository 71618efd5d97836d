// The reference of the command line, from the program that reads it.
import type { Argument, Command as Program } from "commander";
import { exitMeanings } from "../cli/exit-codes.ts";
import { makeProgram, visibleCommands } from "../cli/program.ts";
import { plain } from "../cli/terminal.ts";
import { page, table } from "./markdown.ts";

export function commandLinePage(): string {
  const terminal = {
    out: () => undefined,
    err: () => undefined,
    paint: plain,
    interactive: false,
    ask: () => Promise.resolve(""),
  };
  const program = makeProgram({ terminal, version: () => "" }, () => Promise.resolve());
  return page("Command line", "api/cli/tree.ts", [
    [
      "Data goes to stdout, everything else to stderr. `--json` prints one document (lines of JSON while watching).",
      "A command talks to the server that runs on its data folder, or to the one that `--server` names; without one it",
      "opens the store itself, looks at the services itself, and waits for what it began.",
    ],
    ["## Options of every command", ""],
    optionTable(program),
    ["## Exit codes", ""],
    table(
      ["code", "means"],
      exitMeanings.map(([code, text]) => [String(code), text]),
    ),
    ...visibleCommands(program).flatMap((one) => chapter(one, "opsmedic")),
  ]);
}

function chapter(command: Program, above: string): string[][] {
  const name = `${above} ${command.name()}`;
  const below = visibleCommands(command);
  const level = above === "opsmedic" ? "##" : "###";
  const heading = [`${level} ${name}`, "", ...command.description().split("\n").map(indented)];
  if (below.length > 0) return [heading, ...below.flatMap((one) => chapter(one, name))];
  return [heading, ["```sh", `${name} ${usage(command)}`.trim(), "```"], optionTable(command)];
}

/** Lines that are indented are examples. */
const indented = (line: string): string => (line.startsWith("  ") ? `\n    ${line.trim()}` : line);

function usage(command: Program): string {
  const words = command.registeredArguments.map((one) =>
    one.required ? `<${nameOf(one)}>` : `[${nameOf(one)}]`,
  );
  return [...words, ...(command.options.length > 0 ? ["[options]"] : [])].join(" ");
}

const nameOf = (one: Argument): string => (one.variadic ? `${one.name()}...` : one.name());

function optionTable(command: Program): string[] {
  return table(
    ["option", "what it does"],
    command.options.map((one) => [`\`${one.flags}\``, one.description]),
  );
}
