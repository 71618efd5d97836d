// What is remembered.
import { caseFilter, cursor, dryRun, limit, type CommandSpec } from "./spec.ts";

export const remembered: readonly CommandSpec[] = [
  {
    usage: "kb ls",
    summary: "all cases, the latest first",
    options: [limit, ...caseFilter, cursor],
    load: async () => (await import("../commands/knowledge.ts")).list,
  },
  {
    usage: "kb search <text>",
    summary: "cases like a log line or your own words",
    options: [limit, ...caseFilter, ["--mode <mode>", "hybrid (default), text or vector"]],
    load: async () => (await import("../commands/knowledge.ts")).search,
  },
  {
    usage: "kb show <id>",
    summary: "one case with its runs, changes and neighbours",
    load: async () => (await import("../commands/knowledge.ts")).show,
  },
  {
    usage: "kb add <title>",
    summary: "add a case of your own",
    options: [
      ["--symptom <line...>", "log lines by which it is found"],
      ["--word <words...>", "what people call it"],
      ["--playbook <id>", "the failure that it is"],
      ["--cause <text>", "why it happens"],
      ["--fix <text>", "what helps"],
      ["--kind <kind>", "kind of target, such as docker or postgres (default any)"],
      dryRun,
    ],
    load: async () => (await import("../commands/knowledge.ts")).add,
  },
  {
    usage: "kb disable <id>",
    summary: "switch a case off: it is no longer found",
    options: [dryRun],
    load: async () => (await import("../commands/knowledge.ts")).disable,
  },
  {
    usage: "kb enable <id>",
    summary: "switch a case on again",
    options: [dryRun],
    load: async () => (await import("../commands/knowledge.ts")).enable,
  },
  {
    usage: "kb import <file>",
    summary: "take cases in from JSON lines, all or nothing",
    options: [["--count-outcomes", "let their outcomes count as own ones for later scores"], dryRun],
    load: async () => (await import("../commands/knowledge.ts")).importFile,
  },
  {
    usage: "kb export",
    summary: "all cases as JSON lines",
    options: [...caseFilter, ["-o, --output <file>", "into a new file instead of stdout"]],
    load: async () => (await import("../commands/knowledge.ts")).exportFile,
  },
];
