// What a command is in the tree of commands, and the options that several share.
import type { Command } from "../context.ts";

export interface CommandSpec {
  /** As commander writes it: "runs show <id>". */
  usage: string;
  summary: string;
  options?: readonly (readonly [flags: string, text: string])[];
  /** Words that an argument may be, for completion and help. */
  choices?: readonly string[];
  /** Keeps running: --timeout has no meaning for it. */
  endless?: true;
  load: () => Promise<Command>;
}

export const dryRun = ["--dry-run", "say what would happen, and do nothing"] as const;
export const limit = ["--limit <n>", "how many, 1 to 500 (default 20)"] as const;
export const files = [
  ["--input <file>", "what to read"],
  ["--output <file>", "where the answers go, one a line"],
] as const;
export const inService = ["--service <name>", "only of this service"] as const;
export const cursor = ["--cursor <cursor>", "go on from here"] as const;
export const caseFilter = [
  ["--kind <kind>", "only of this kind of target, such as docker or postgres"],
  ["--outcome <outcome>", "only with this outcome: healed, not-healed, worse, escalated, rejected, known"],
] as const;
export const lineFilter = [
  limit,
  inService,
  ["--level <level>", "only of this level and graver: debug, info, warn, error, fatal"],
  ["--since <duration>", "only of the last, such as 10m or 2h"],
] as const;
export const since = ["--since <duration>", "only of the last, such as 7d or 12h"] as const;
export const explain = ["--explain", "let the language model word it, where one is configured"] as const;
export const reason = ["--reason <text>", "why; kept in the audit log"] as const;
