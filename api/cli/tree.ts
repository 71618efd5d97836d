// Every command of opsmedic: its words, its options, and where its code is. The code of a command is loaded only when it
// runs, so that --help and completion answer at once.
import { control } from "./tree/control.ts";
import { first } from "./tree/first.ts";
import { incidents } from "./tree/incidents.ts";
import { observed } from "./tree/observed.ts";
import { others } from "./tree/others.ts";
import { remembered } from "./tree/remembered.ts";
import { repairs } from "./tree/repairs.ts";
import { runs } from "./tree/runs.ts";
import type { CommandSpec } from "./tree/spec.ts";

export const groups: Readonly<Record<string, string>> = {
  runs: "passes through the machine, with everything they saw and did",
  incidents: "what was broken",
  watches: "symptoms that came twice, and the sign before them",
  approvals: "fixes that wait for a person",
  autonomy: "decisions that were scored, and what fixes have earned by them",
  backups: "what was kept before each fix",
  logs: "lines of the services' logs that were kept",
  patterns: "what lines of logs have in common, with their counts",
  "patterns rules": "what you look for in lines of logs",
  database: "the databases of the configuration, asked now",
  kb: "what is remembered: cases lived through here, general ones, those of others",
  gate: "the judge of every fix",
  audit: "who did what",
  config: "the configuration",
  playbooks: "the failures that are known",
  lab: "real faults against a real server, scored from outside",
  bench: "what opsmedic reads out of your own files, with the code that watches",
};

/** In the order of the help. */
export const commands: readonly CommandSpec[] = [
  ...first,
  ...runs,
  ...incidents,
  ...repairs,
  ...observed,
  ...remembered,
  ...control,
  ...others,
];

export const globalFlags: readonly (readonly [flags: string, text: string])[] = [
  [
    "-c, --config <file>",
    "configuration (default: $OPSMEDIC_CONFIG, ./opsmedic.yaml, /etc/opsmedic/opsmedic.yaml)",
  ],
  ["--server <url>", "a running server (default: $OPSMEDIC_URL, or the one of the data folder)"],
  ["--json", "one JSON document on stdout; lines of JSON while watching"],
  ["-q, --quiet", "no progress on stderr"],
  ["--verbose", "more about errors"],
  ["--no-color", "no colours"],
  ["--timeout <duration>", "give up after, such as 30s or 10m (exit code 8)"],
  ["--exit-zero", "exit with 0 even where problems were found"],
];
