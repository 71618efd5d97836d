// Beginning, looking, and asking.
import { dryRun, type CommandSpec } from "./spec.ts";

export const first: readonly CommandSpec[] = [
  {
    usage: "init",
    summary: "find what runs here and write opsmedic.yaml",
    options: [["--yes", "write without asking"], dryRun],
    load: async () => (await import("../commands/setup.ts")).init,
  },
  {
    usage: "serve",
    summary: "watch and heal: API, dashboard, schedule",
    endless: true,
    load: async () => (await import("../commands/setup.ts")).serve,
  },
  {
    usage: "demo [verb] [fault]",
    summary: "a small shop to break and watch being healed",
    choices: ["up", "break", "mend", "down", "faults"],
    endless: true,
    load: async () => (await import("../commands/setup.ts")).demo,
  },
  {
    usage: "doctor",
    summary: "check node, git, docker, databases, configuration, disk",
    load: async () => (await import("../commands/setup.ts")).doctor,
  },
  {
    usage: "status",
    summary: "services, incidents and approvals on one screen",
    options: [["--watch", "again every 2 seconds"]],
    load: async () => (await import("../commands/status.ts")).status,
  },
  {
    usage: "diagnose [service]",
    summary: "look and explain, change nothing",
    options: [["--explain", "every check of the likeliest cause, for and against"]],
    load: async () => (await import("../commands/heal.ts")).diagnose,
  },
  {
    usage: "heal [service]",
    summary: "look, explain, and repair what the gate allows",
    options: [dryRun, ["--wait", "until the runs have ended or wait for approval"]],
    load: async () => (await import("../commands/heal.ts")).heal,
  },
  {
    usage: "ask [question]",
    summary: "a question in words, answered from the records with their ids",
    options: [
      ["-i, --interactive", "go on asking: one question a line"],
      ["--incident <id>", "what it is about"],
      ["--conversation <id>", "go on with an earlier conversation"],
    ],
    load: async () => (await import("../commands/ask.ts")).ask,
  },
];
