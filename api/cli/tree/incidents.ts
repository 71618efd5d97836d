// Incidents, and what was learned from them.
import { cursor, dryRun, explain, inService, limit, reason, since, type CommandSpec } from "./spec.ts";

export const incidents: readonly CommandSpec[] = [
  {
    usage: "incidents ls",
    summary: "the last incidents",
    options: [
      limit,
      ["--service <name>", "only of this service"],
      ["--status <status>", "active, resolved or escalated"],
      ["--severity <severity>", "critical, warning or info"],
      ["--type <kind>", "kind of the symptom, such as exited or memory"],
      ["--text <text>", "in title, service and id"],
      since,
      cursor,
    ],
    load: async () => (await import("../commands/incidents.ts")).list,
  },
  {
    usage: "incidents show <id>",
    summary: "one incident with its runs, and what would help",
    options: [explain],
    load: async () => (await import("../commands/incidents.ts")).show,
  },
  {
    usage: "incidents timeline <id>",
    summary: "what happened when, each with its record",
    load: async () => (await import("../commands/incidents.ts")).timeline,
  },
  {
    usage: "incidents evidence <id>",
    summary: "what speaks for and against the cause, the most telling first",
    load: async () => (await import("../commands/incidents.ts")).evidence,
  },
  {
    usage: "incidents similar <id>",
    summary: "what was like it, and what helped then",
    options: [limit],
    load: async () => (await import("../commands/incidents.ts")).similar,
  },
  {
    usage: "incidents postmortem <id>",
    summary: "the whole story as a Markdown page",
    options: [explain],
    load: async () => (await import("../commands/incidents.ts")).postmortem,
  },
  {
    usage: "incidents ack <id>",
    summary: "say that you have it in hand",
    options: [reason, dryRun],
    load: async () => (await import("../commands/incidents.ts")).acknowledge,
  },
  {
    usage: "incidents resolve <id>",
    summary: "close it with what you did; suggested the next time",
    options: [
      ["--reason <text>", "what you did"],
      ["--cause <judgement>", "right or wrong: whether the stated cause was the true one"],
      dryRun,
    ],
    load: async () => (await import("../commands/incidents.ts")).resolve,
  },
  {
    usage: "incidents note <id> <text>",
    summary: "add a note",
    options: [dryRun],
    load: async () => (await import("../commands/incidents.ts")).note,
  },
  {
    usage: "incidents stats",
    summary: "how many, how soon detected and resolved, how many healed by themselves",
    options: [since, inService],
    load: async () => (await import("../commands/incidents.ts")).stats,
  },
  {
    usage: "calibration",
    summary: "stated confidence against what came true",
    options: [since, inService, ["--playbook <id>", "only of this cause"]],
    load: async () => (await import("../commands/learned.ts")).calibration,
  },
  {
    usage: "insights",
    summary: "what was learned in the last week",
    options: [["--since <duration>", "in the last, such as 7d (default) or 30d"]],
    load: async () => (await import("../commands/learned.ts")).insights,
  },
  {
    usage: "watches ls",
    summary: "standing watches, with the sign that each looks for",
    options: [inService],
    load: async () => (await import("../commands/learned.ts")).listWatches,
  },
  {
    usage: "watches show <id>",
    summary: "one standing watch",
    load: async () => (await import("../commands/learned.ts")).showWatch,
  },
  {
    usage: "watches remove <id>",
    summary: "end a standing watch",
    options: [dryRun],
    load: async () => (await import("../commands/learned.ts")).removeWatch,
  },
];
