// What was observed: logs, patterns, dependencies, databases.
import { cursor, dryRun, inService, limit, lineFilter, type CommandSpec } from "./spec.ts";

export const observed: readonly CommandSpec[] = [
  {
    usage: "logs sources",
    summary: "where log lines come from, and whether they do",
    load: async () => (await import("../commands/logs.ts")).sources,
  },
  {
    usage: "logs tail",
    summary: "the last lines",
    options: [...lineFilter, ["-f, --follow", "and those that come, until interrupted"]],
    load: async () => (await import("../commands/logs.ts")).tail,
  },
  {
    usage: "logs search [text]",
    summary: "lines with this text, whatever their case",
    options: [...lineFilter, cursor],
    load: async () => (await import("../commands/logs.ts")).search,
  },
  {
    usage: "patterns ls [text]",
    summary: "patterns of log lines, the latest first",
    options: [limit, inService, cursor],
    load: async () => (await import("../commands/patterns.ts")).list,
  },
  {
    usage: "patterns show <id>",
    summary: "one pattern over time, with examples",
    load: async () => (await import("../commands/patterns.ts")).show,
  },
  {
    usage: "patterns rules ls",
    summary: "all rules, and how many lines fitted them",
    load: async () => (await import("../commands/patterns.ts")).listRules,
  },
  {
    usage: "patterns rules add <name> <expression>",
    summary: "make a rule, or change the one with this name",
    options: [
      ["--severity <severity>", "info (default: only shown), warning or critical (an incident)"],
      ["--threshold <lines>", 'from how many lines on it is told, such as "20 in 5m" (default "1 in 5m")'],
      ["--service <name>", "only lines of this service"],
      ["--level <level>", "only lines of this level and graver"],
      ["--hint <text>", "what whoever is told should know"],
      dryRun,
    ],
    load: async () => (await import("../commands/patterns.ts")).addRule,
  },
  {
    usage: "patterns rules rm <name>",
    summary: "remove a rule that was made while running",
    options: [dryRun],
    load: async () => (await import("../commands/patterns.ts")).removeRule,
  },
  {
    usage: "dependencies [service]",
    summary: "who needs whom, declared or seen in traces, with calls, errors and times",
    load: async () => (await import("../commands/dependencies.ts")).list,
  },
  {
    usage: "database health [service]",
    summary: "connections, cache, size, locks, and what was found",
    load: async () => (await import("../commands/database.ts")).health,
  },
  {
    usage: "database connections [service]",
    summary: "who holds the connections, and who holds up others",
    load: async () => (await import("../commands/database.ts")).connections,
  },
  {
    usage: "database performance [service]",
    summary: "slow queries, missing indexes, cache, pools",
    load: async () => (await import("../commands/database.ts")).performance,
  },
];
