// Runs: what happened, judged again.
import { dryRun, limit, type CommandSpec } from "./spec.ts";

export const runs: readonly CommandSpec[] = [
  {
    usage: "runs ls",
    summary: "the last runs",
    options: [
      limit,
      ["--service <name>", "only of this service"],
      ["--outcome <outcome>", "only with this outcome"],
      ["--cursor <cursor>", "go on from here"],
    ],
    load: async () => (await import("../commands/runs.ts")).list,
  },
  {
    usage: "runs show <id>",
    summary: "the story of a run",
    load: async () => (await import("../commands/runs.ts")).show,
  },
  {
    usage: "runs watch <id>",
    summary: "each step as it happens",
    load: async () => (await import("../commands/runs.ts")).watch,
  },
  {
    usage: "runs export <id>",
    summary: "the whole record as JSON",
    options: [["-o, --output <file>", "into a new file instead of stdout"]],
    load: async () => (await import("../commands/runs.ts")).exportRun,
  },
  {
    usage: "runs import <file>",
    summary: "bring in the record of a run of elsewhere, to read it here",
    load: async () => (await import("../commands/replays.ts")).importRun,
  },
  {
    usage: "runs replay <run>",
    summary: "judge a recorded run (its id, or a file) again, with other thresholds or the playbooks of now",
    options: [
      [
        "--playbooks <folder>",
        "with the own playbooks of its opsmedic.d (default: beside the configuration)",
      ],
      ["--allow <percent>", "as if the gate allowed from here (85 to 100)"],
      ["--ask <percent>", "as if the gate asked from here"],
      ["--mode <mode>", "as if in this mode: observe, approve, auto"],
    ],
    load: async () => (await import("../commands/replays.ts")).replay,
  },
  {
    usage: "runs record-test <run>",
    summary: "write a recorded run (its id, or a file) as a regression test",
    options: [["-o, --output <file>", "where to (default: <id>.run-test.json)"]],
    load: async () => (await import("../commands/replays.ts")).recordTest,
  },
  {
    usage: "runs test [files...]",
    summary: "whether recorded runs still come to the same cause, fix and decision",
    load: async () => (await import("../commands/replays.ts")).test,
  },
  {
    usage: "runs cancel <id>",
    summary: "stop a run; what it did is taken back",
    options: [dryRun],
    load: async () => (await import("../commands/runs.ts")).cancel,
  },
];
