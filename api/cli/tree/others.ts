// Lab, benchmarks, assistants, version.
import { files, type CommandSpec } from "./spec.ts";

export const others: readonly CommandSpec[] = [
  {
    usage: "lab run",
    summary: "break many things for real, and say how opsmedic deals with each",
    options: [
      ["--only <words>", "faults by name, kind or world, or ci; with commas between"],
      ["--list", "only say which faults there are"],
      ["--watch <duration>", "time between two looks of the server (default 1s)"],
      ["--at-once <n>", "faults at the same time, each in a world of its own (default 3)"],
      ["--recordings <file>", "where the runs go, one a line, for lab/calibration.ts"],
      ["--write", "also write docs/lab.md"],
    ],
    load: async () => (await import("../commands/lab.ts")).runLab,
  },
  {
    usage: "bench templates",
    summary: "the template of each log line",
    options: files,
    load: async () => (await import("../commands/bench.ts")).benchFile("templates"),
  },
  {
    usage: "bench errors",
    summary: "the cluster of each error line",
    options: files,
    load: async () => (await import("../commands/bench.ts")).benchFile("errors"),
  },
  {
    usage: "bench anomalies",
    summary: "an anomaly score for each row of timestamp,value",
    options: files,
    load: async () => (await import("../commands/bench.ts")).benchFile("anomalies"),
  },
  {
    usage: "bench forecast",
    summary: "the next values of each series, with 90 % intervals",
    options: files,
    load: async () => (await import("../commands/bench.ts")).benchFile("forecast"),
  },
  {
    usage: "bench crossing",
    summary: "in how many steps each series reaches its limit",
    options: files,
    load: async () => (await import("../commands/bench.ts")).benchFile("crossing"),
  },
  {
    usage: "bench rca",
    summary: "the services of an incident, likeliest cause first",
    options: [
      ["--case <folder>", "logs, traces and metrics of the incident"],
      ["--normal <folder>", "the same of a time without one"],
      ["--output <file>", "where the answer goes"],
    ],
    load: async () => (await import("../commands/bench.ts")).benchCase,
  },
  {
    usage: "mcp",
    summary: "answer an assistant over stdin and stdout (Model Context Protocol); read-only",
    endless: true,
    options: [
      ["--allow <tools>", "changing tools that it may use: request_heal,approve_fix,acknowledge_incident"],
    ],
    load: async () => (await import("../commands/mcp.ts")).mcp,
  },
  {
    usage: "version",
    summary: "the version of opsmedic",
    load: async () => (await import("../commands/setup.ts")).version,
  },
];
