// Completion scripts for bash, zsh, fish and PowerShell, made from the program itself. Words only: nothing is asked of a
// server while somebody types.
import type { Command as Program } from "commander";
import { powershell } from "./completion-powershell.ts";
import { commands } from "./tree.ts";

export const shells = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof shells)[number];

export interface Node {
  /** "" for the program itself, "runs", "runs show". */
  path: string;
  words: { word: string; text: string }[];
  flags: { long: string; text: string; takesValue: boolean }[];
}

export function completionScript(shell: Shell, program: Program): string {
  const nodes = walk(program, "");
  switch (shell) {
    case "bash":
      return bash(nodes);
    case "zsh":
      return `#compdef opsmedic\nautoload -U +X bashcompinit && bashcompinit\n${bash(nodes)}`;
    case "fish":
      return fish(nodes);
    case "powershell":
      return powershell(nodes, { everywhere: everywhere(nodes), withValue: withValue(nodes) });
  }
}

function walk(program: Program, path: string): Node[] {
  const subcommands = program.commands.map((one) => ({
    word: one.name(),
    text: one.summary() || one.description(),
  }));
  const flags = program.options.map((one) => ({
    long: one.long ?? "",
    text: one.description,
    takesValue: one.required || one.optional,
  }));
  const below = program.commands.flatMap((one) =>
    walk(one, path === "" ? one.name() : `${path} ${one.name()}`),
  );
  return [{ path, words: [...subcommands, ...choices(path)], flags }, ...below];
}

function choices(path: string): Node["words"] {
  if (path === "completion") return shells.map((word) => ({ word, text: "" }));
  const spec = commands.find(({ usage }) => usage.split(/ [[<]/, 1)[0] === path);
  return (spec?.choices ?? []).map((word) => ({ word, text: "" }));
}

/** Flags of the program itself. */
function everywhere(nodes: readonly Node[]): string[] {
  return (nodes.find(({ path }) => path === "")?.flags ?? []).map(({ long }) => long);
}

/** Flags whose next word is their value. */
function withValue(nodes: readonly Node[]): string[] {
  const all = nodes.flatMap(({ flags }) => flags.filter(({ takesValue }) => takesValue));
  return [...new Set(["-c", ...all.map(({ long }) => long)])];
}

function bash(nodes: readonly Node[]): string {
  const cases = nodes.map(({ path, words, flags }) => {
    const own = path === "" ? [] : flags.map(({ long }) => long);
    return `    "${path}") words="${[...words.map(({ word }) => word), ...own].join(" ")}" ;;`;
  });
  const known = nodes.filter(({ path }) => path !== "").map(({ path }) => `"${path}"`);
  return `# bash completion for opsmedic
_opsmedic() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" path="" next words="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in
      ${withValue(nodes).join("|")}) ((i++)); continue ;;
      -*) continue ;;
    esac
    next="\${path:+$path }$word"
    case "$next" in
      ${known.join("|")}) path="$next" ;;
    esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words ${everywhere(nodes).join(" ")}" -- "$cur"))
}
complete -o default -F _opsmedic opsmedic
`;
}

function fish(nodes: readonly Node[]): string {
  const lines = nodes.flatMap(({ path, words, flags }) => {
    const where =
      path === ""
        ? ""
        : ` -n '${path
            .split(" ")
            .map((one) => `__fish_seen_subcommand_from ${one}`)
            .join("; and ")}'`;
    const first = path === "" ? " -n __fish_use_subcommand" : where;
    return [
      ...words.map(({ word, text }) => `complete -c opsmedic -f${first} -a ${word}${about(text)}`),
      ...flags.map(
        ({ long, text, takesValue }) =>
          `complete -c opsmedic${where} -l ${long.slice(2)}${takesValue ? " -r" : ""}${about(text)}`,
      ),
    ];
  });
  return `# fish completion for opsmedic\n${lines.join("\n")}\n`;
}

function about(text: string): string {
  return text === "" ? "" : ` -d '${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
