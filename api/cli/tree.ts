// Every command of opsmedic on two screens: its words, its options, and where its code is. The code of a command
// is loaded only when it runs, so that --help and completion answer at once.
import type { Command } from "./context.ts";

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

const dryRun = ["--dry-run", "say what would happen, and do nothing"] as const;
const limit = ["--limit <n>", "how many, 1 to 500 (default 20)"] as const;
const files = [
  ["--input <file>", "what to read"],
  ["--output <file>", "where the answers go, one a line"],
] as const;
const inService = ["--service <name>", "only of this service"] as const;
const cursor = ["--cursor <cursor>", "go on from here"] as const;
const caseFilter = [
  ["--kind <kind>", "only of this kind of target, such as docker or postgres"],
  ["--outcome <outcome>", "only with this outcome: healed, not-healed, worse, escalated, rejected, known"],
] as const;
const lineFilter = [
  limit,
  inService,
  ["--level <level>", "only of this level and graver: debug, info, warn, error, fatal"],
  ["--since <duration>", "only of the last, such as 10m or 2h"],
] as const;
const since = ["--since <duration>", "only of the last, such as 7d or 12h"] as const;
const explain = ["--explain", "let the language model word it, where one is configured"] as const;
const reason = ["--reason <text>", "why; kept in the audit log"] as const;

export const groups: Readonly<Record<string, string>> = {
  runs: "passes through the machine, with everything they saw and did",
  incidents: "what was broken",
  watches: "symptoms that came twice, and the sign before them",
  approvals: "fixes that wait for a person",
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
  bench: "what opsmedic reads out of your own files, with the code that watches",
};

export const commands: readonly CommandSpec[] = [
  {
    usage: "init",
    summary: "find what runs here and write opsmedic.yaml",
    options: [["--yes", "write without asking"], dryRun],
    load: async () => (await import("./commands/setup.ts")).init,
  },
  {
    usage: "serve",
    summary: "watch and heal: API, dashboard, schedule",
    endless: true,
    load: async () => (await import("./commands/setup.ts")).serve,
  },
  {
    usage: "demo [verb] [fault]",
    summary: "a small shop to break and watch being healed",
    choices: ["up", "break", "mend", "down", "faults"],
    endless: true,
    load: async () => (await import("./commands/setup.ts")).demo,
  },
  {
    usage: "doctor",
    summary: "check node, git, docker, databases, configuration, disk",
    load: async () => (await import("./commands/setup.ts")).doctor,
  },
  {
    usage: "status",
    summary: "services, incidents and approvals on one screen",
    options: [["--watch", "again every 2 seconds"]],
    load: async () => (await import("./commands/status.ts")).status,
  },
  {
    usage: "diagnose [service]",
    summary: "look and explain, change nothing",
    options: [["--explain", "every check of the likeliest cause, for and against"]],
    load: async () => (await import("./commands/heal.ts")).diagnose,
  },
  {
    usage: "heal [service]",
    summary: "look, explain, and repair what the gate allows",
    options: [dryRun, ["--wait", "until the runs have ended or wait for approval"]],
    load: async () => (await import("./commands/heal.ts")).heal,
  },
  {
    usage: "ask [question]",
    summary: "a question in words, answered from the records with their ids",
    options: [
      ["-i, --interactive", "go on asking: one question a line"],
      ["--incident <id>", "what it is about"],
      ["--conversation <id>", "go on with an earlier conversation"],
    ],
    load: async () => (await import("./commands/ask.ts")).ask,
  },
  {
    usage: "runs ls",
    summary: "the last runs",
    options: [
      limit,
      ["--service <name>", "only of this service"],
      ["--outcome <outcome>", "only with this outcome"],
      ["--cursor <cursor>", "go on from here"],
    ],
    load: async () => (await import("./commands/runs.ts")).list,
  },
  {
    usage: "runs show <id>",
    summary: "the story of a run",
    load: async () => (await import("./commands/runs.ts")).show,
  },
  {
    usage: "runs watch <id>",
    summary: "each step as it happens",
    load: async () => (await import("./commands/runs.ts")).watch,
  },
  {
    usage: "runs export <id>",
    summary: "the whole record as JSON",
    options: [["-o, --output <file>", "into a new file instead of stdout"]],
    load: async () => (await import("./commands/runs.ts")).exportRun,
  },
  {
    usage: "runs import <file>",
    summary: "bring in the record of a run of elsewhere, to read it here",
    load: async () => (await import("./commands/replays.ts")).importRun,
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
    load: async () => (await import("./commands/replays.ts")).replay,
  },
  {
    usage: "runs record-test <run>",
    summary: "write a recorded run (its id, or a file) as a regression test",
    options: [["-o, --output <file>", "where to (default: <id>.run-test.json)"]],
    load: async () => (await import("./commands/replays.ts")).recordTest,
  },
  {
    usage: "runs test [files...]",
    summary: "whether recorded runs still come to the same cause, fix and decision",
    load: async () => (await import("./commands/replays.ts")).test,
  },
  {
    usage: "runs cancel <id>",
    summary: "stop a run; what it did is taken back",
    options: [dryRun],
    load: async () => (await import("./commands/runs.ts")).cancel,
  },
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
    load: async () => (await import("./commands/incidents.ts")).list,
  },
  {
    usage: "incidents show <id>",
    summary: "one incident with its runs, and what would help",
    options: [explain],
    load: async () => (await import("./commands/incidents.ts")).show,
  },
  {
    usage: "incidents timeline <id>",
    summary: "what happened when, each with its record",
    load: async () => (await import("./commands/incidents.ts")).timeline,
  },
  {
    usage: "incidents evidence <id>",
    summary: "what speaks for and against the cause, the most telling first",
    load: async () => (await import("./commands/incidents.ts")).evidence,
  },
  {
    usage: "incidents similar <id>",
    summary: "what was like it, and what helped then",
    options: [limit],
    load: async () => (await import("./commands/incidents.ts")).similar,
  },
  {
    usage: "incidents postmortem <id>",
    summary: "the whole story as a Markdown page",
    options: [explain],
    load: async () => (await import("./commands/incidents.ts")).postmortem,
  },
  {
    usage: "incidents ack <id>",
    summary: "say that you have it in hand",
    options: [reason, dryRun],
    load: async () => (await import("./commands/incidents.ts")).acknowledge,
  },
  {
    usage: "incidents resolve <id>",
    summary: "close it with what you did; suggested the next time",
    options: [["--reason <text>", "what you did"], dryRun],
    load: async () => (await import("./commands/incidents.ts")).resolve,
  },
  {
    usage: "incidents note <id> <text>",
    summary: "add a note",
    options: [dryRun],
    load: async () => (await import("./commands/incidents.ts")).note,
  },
  {
    usage: "incidents stats",
    summary: "how many, how soon detected and resolved, how many healed by themselves",
    options: [since, inService],
    load: async () => (await import("./commands/incidents.ts")).stats,
  },
  {
    usage: "calibration",
    summary: "stated confidence against what came true",
    options: [since, inService, ["--playbook <id>", "only of this cause"]],
    load: async () => (await import("./commands/learned.ts")).calibration,
  },
  {
    usage: "insights",
    summary: "what was learned in the last week",
    options: [["--since <duration>", "in the last, such as 7d (default) or 30d"]],
    load: async () => (await import("./commands/learned.ts")).insights,
  },
  {
    usage: "watches ls",
    summary: "standing watches, with the sign that each looks for",
    options: [inService],
    load: async () => (await import("./commands/learned.ts")).listWatches,
  },
  {
    usage: "watches show <id>",
    summary: "one standing watch",
    load: async () => (await import("./commands/learned.ts")).showWatch,
  },
  {
    usage: "watches remove <id>",
    summary: "end a standing watch",
    options: [dryRun],
    load: async () => (await import("./commands/learned.ts")).removeWatch,
  },
  {
    usage: "approvals ls",
    summary: "what waits for a decision",
    options: [limit, ["--all", "decided and expired ones too"]],
    load: async () => (await import("./commands/approvals.ts")).list,
  },
  {
    usage: "approvals show <id>",
    summary: "the plan that is to be decided",
    load: async () => (await import("./commands/approvals.ts")).show,
  },
  {
    usage: "approvals approve <id>",
    summary: "let the fix run",
    options: [reason, ["--plan-hash <hash>", "only if the plan is still this one"], dryRun],
    load: async () => (await import("./commands/approvals.ts")).approve,
  },
  {
    usage: "approvals reject <id>",
    summary: "refuse the fix",
    options: [reason, ["--plan-hash <hash>", "only if the plan is still this one"], dryRun],
    load: async () => (await import("./commands/approvals.ts")).reject,
  },
  {
    usage: "backups ls",
    summary: "all backups",
    load: async () => (await import("./commands/backups.ts")).list,
  },
  {
    usage: "backups diff <id>",
    summary: "what differs now from a backup",
    load: async () => (await import("./commands/backups.ts")).diff,
  },
  {
    usage: "backups verify [id]",
    summary: "read a backup (or all) and check it",
    load: async () => (await import("./commands/backups.ts")).verify,
  },
  {
    usage: "backups restore <id>",
    summary: "put the kept state back",
    options: [dryRun],
    load: async () => (await import("./commands/backups.ts")).restore,
  },
  {
    usage: "rollback <run>",
    summary: "put back what a run changed",
    options: [dryRun],
    load: async () => (await import("./commands/backups.ts")).rollback,
  },
  {
    usage: "logs sources",
    summary: "where log lines come from, and whether they do",
    load: async () => (await import("./commands/logs.ts")).sources,
  },
  {
    usage: "logs tail",
    summary: "the last lines",
    options: [...lineFilter, ["-f, --follow", "and those that come, until interrupted"]],
    load: async () => (await import("./commands/logs.ts")).tail,
  },
  {
    usage: "logs search [text]",
    summary: "lines with this text, whatever their case",
    options: [...lineFilter, cursor],
    load: async () => (await import("./commands/logs.ts")).search,
  },
  {
    usage: "patterns ls [text]",
    summary: "patterns of log lines, the latest first",
    options: [limit, inService, cursor],
    load: async () => (await import("./commands/patterns.ts")).list,
  },
  {
    usage: "patterns show <id>",
    summary: "one pattern over time, with examples",
    load: async () => (await import("./commands/patterns.ts")).show,
  },
  {
    usage: "patterns rules ls",
    summary: "all rules, and how many lines fitted them",
    load: async () => (await import("./commands/patterns.ts")).listRules,
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
    load: async () => (await import("./commands/patterns.ts")).addRule,
  },
  {
    usage: "patterns rules rm <name>",
    summary: "remove a rule that was made while running",
    options: [dryRun],
    load: async () => (await import("./commands/patterns.ts")).removeRule,
  },
  {
    usage: "database health [service]",
    summary: "connections, cache, size, locks, and what was found",
    load: async () => (await import("./commands/database.ts")).health,
  },
  {
    usage: "database connections [service]",
    summary: "who holds the connections, and who holds up others",
    load: async () => (await import("./commands/database.ts")).connections,
  },
  {
    usage: "database performance [service]",
    summary: "slow queries, missing indexes, cache, pools",
    load: async () => (await import("./commands/database.ts")).performance,
  },
  {
    usage: "kb ls",
    summary: "all cases, the latest first",
    options: [limit, ...caseFilter, cursor],
    load: async () => (await import("./commands/knowledge.ts")).list,
  },
  {
    usage: "kb search <text>",
    summary: "cases like a log line or your own words",
    options: [limit, ...caseFilter, ["--mode <mode>", "hybrid (default), text or vector"]],
    load: async () => (await import("./commands/knowledge.ts")).search,
  },
  {
    usage: "kb show <id>",
    summary: "one case with its runs, changes and neighbours",
    load: async () => (await import("./commands/knowledge.ts")).show,
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
    load: async () => (await import("./commands/knowledge.ts")).add,
  },
  {
    usage: "kb disable <id>",
    summary: "switch a case off: it is no longer found",
    options: [dryRun],
    load: async () => (await import("./commands/knowledge.ts")).disable,
  },
  {
    usage: "kb enable <id>",
    summary: "switch a case on again",
    options: [dryRun],
    load: async () => (await import("./commands/knowledge.ts")).enable,
  },
  {
    usage: "kb import <file>",
    summary: "take cases in from JSON lines, all or nothing",
    options: [["--count-outcomes", "let their outcomes count as own ones for later scores"], dryRun],
    load: async () => (await import("./commands/knowledge.ts")).importFile,
  },
  {
    usage: "kb export",
    summary: "all cases as JSON lines",
    options: [...caseFilter, ["-o, --output <file>", "into a new file instead of stdout"]],
    load: async () => (await import("./commands/knowledge.ts")).exportFile,
  },
  {
    usage: "gate replay <run>",
    summary: "judge a recorded run again",
    load: async () => (await import("./commands/records.ts")).replay,
  },
  {
    usage: "audit ls",
    summary: "the last entries",
    options: [limit],
    load: async () => (await import("./commands/records.ts")).audit,
  },
  {
    usage: "audit verify",
    summary: "check that nothing was changed or left out",
    load: async () => (await import("./commands/records.ts")).verifyAudit,
  },
  {
    usage: "config validate",
    summary: "everything that is wrong, with line and column",
    load: async () => (await import("./commands/config.ts")).validate,
  },
  {
    usage: "config show",
    summary: "what is in force, secrets masked",
    load: async () => (await import("./commands/config.ts")).show,
  },
  {
    usage: "config schema",
    summary: "the JSON Schema for editors",
    load: async () => (await import("./commands/config.ts")).schema,
  },
  {
    usage: "start <service>",
    summary: "start a process that opsmedic runs",
    options: [dryRun],
    load: async () => (await import("./commands/running.ts")).start,
  },
  {
    usage: "stop <service>",
    summary: "stop it; it is left alone until it is started again",
    options: [dryRun],
    load: async () => (await import("./commands/running.ts")).stop,
  },
  {
    usage: "mode [mode]",
    summary: "show or change: observe, approve, auto",
    choices: ["observe", "approve", "auto"],
    options: [dryRun],
    load: async () => (await import("./commands/control.ts")).mode,
  },
  {
    usage: "pause [duration]",
    summary: "stop all healing, for a time or until resume",
    options: [["--reason <text>", "why; kept in the audit log"], dryRun],
    load: async () => (await import("./commands/control.ts")).pause,
  },
  {
    usage: "resume",
    summary: "end the pause",
    options: [dryRun],
    load: async () => (await import("./commands/control.ts")).resume,
  },
  {
    usage: "playbooks ls",
    summary: "all playbooks",
    load: async () => (await import("./commands/playbooks.ts")).list,
  },
  {
    usage: "playbooks show <id>",
    summary: "one playbook: its checks with their weights, its rivals, its fixes",
    load: async () => (await import("./commands/playbooks.ts")).show,
  },
  {
    usage: "playbooks observations",
    summary: "what a check may ask for, and how it looks without touching anything",
    load: async () => (await import("./commands/playbooks.ts")).observations,
  },
  {
    usage: "playbooks validate",
    summary: "check your own playbooks in opsmedic.d beside the configuration",
    load: async () => (await import("./commands/playbooks.ts")).validate,
  },
  {
    usage: "playbooks schema",
    summary: "the JSON Schema of a playbook, for editors",
    load: async () => (await import("./commands/playbooks.ts")).schema,
  },
  {
    usage: "bench templates",
    summary: "the template of each log line",
    options: files,
    load: async () => (await import("./commands/bench.ts")).benchFile("templates"),
  },
  {
    usage: "bench errors",
    summary: "the cluster of each error line",
    options: files,
    load: async () => (await import("./commands/bench.ts")).benchFile("errors"),
  },
  {
    usage: "bench anomalies",
    summary: "an anomaly score for each row of timestamp,value",
    options: files,
    load: async () => (await import("./commands/bench.ts")).benchFile("anomalies"),
  },
  {
    usage: "bench forecast",
    summary: "the next values of each series, with 90 % intervals",
    options: files,
    load: async () => (await import("./commands/bench.ts")).benchFile("forecast"),
  },
  {
    usage: "bench crossing",
    summary: "in how many steps each series reaches its limit",
    options: files,
    load: async () => (await import("./commands/bench.ts")).benchFile("crossing"),
  },
  {
    usage: "bench rca",
    summary: "the services of an incident, likeliest cause first",
    options: [
      ["--case <folder>", "logs, traces and metrics of the incident"],
      ["--normal <folder>", "the same of a time without one"],
      ["--output <file>", "where the answer goes"],
    ],
    load: async () => (await import("./commands/bench.ts")).benchCase,
  },
  {
    usage: "mcp",
    summary: "answer an assistant over stdin and stdout (Model Context Protocol); read-only",
    endless: true,
    options: [
      ["--allow <tools>", "changing tools that it may use: request_heal,approve_fix,acknowledge_incident"],
    ],
    load: async () => (await import("./commands/mcp.ts")).mcp,
  },
  {
    usage: "version",
    summary: "the version of opsmedic",
    load: async () => (await import("./commands/setup.ts")).version,
  },
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
