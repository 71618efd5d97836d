// The catalogue of observations: what a playbook's check may ask for, what it answers, and why asking changes nothing.
import { TEXT_OBSERVATIONS } from "../confidence.ts";
import { observers } from "./make-evidence.ts";

/** How each kind of observation looks, and what keeps it from touching anything. */
export const ways = {
  runtime:
    "The runtime is asked to inspect (GET of Docker's API, files of the supervisor, /proc). What is handed to an observation has no function that starts, stops or changes.",
  configuration: "Read from the configuration that is in force.",
  kernel: "Read from /proc, /sys and statfs. Environments are read for the names of variables only.",
  signals: "Computed from what was seen in the last minutes; nobody is asked.",
  probe:
    "One GET over HTTP, or a TCP connection that is closed at once. Commands of exec health checks are the operator's own and run as configured.",
  network:
    "A look-up by the system's resolver, or a connection that is closed after its beginning. Nothing is sent.",
  files: "The service's editable files are read, and its last good version; writing is not handed over.",
  log: "Words from outside. They may support a cause, and never tell it from its rivals.",
  database: "A query of a fixed text by a role that may only read.",
} as const;
export type Way = keyof typeof ways;

export interface ObservationEntry {
  name: string;
  asks: string;
  answers: string;
  /** Meaning by parameter, with what is taken where it is left away. */
  params: Readonly<Record<string, string>>;
  way: Way;
  /** Whether it may tell a cause from its rivals. */
  measured: boolean;
}

type Words = readonly [way: Way, asks: string, answers: string, params?: Readonly<Record<string, string>>];

const ON_DATABASES_DISK = '"any", or "database": only where the database at fault writes and has no room';

export const observationWords: Readonly<Record<string, Words>> = {
  "exit-status": [
    "runtime",
    "How the runtime calls its state",
    '"running", "exited", "paused", "restarting", "created", "absent"',
  ],
  "exit-code": ["runtime", "The code with which it ended last", "a number"],
  "oom-killed": ["runtime", "Did the kernel kill it for its memory?", "true or false"],
  uptime: ["runtime", "How long the present instance has run", "milliseconds"],
  "restart-count": ["runtime", "How often the runtime has restarted it", "a number"],
  "recent-starts": [
    "runtime",
    "How often it was started lately",
    "a number",
    { withinMs: "of the last, ms (600000)" },
  ],
  "stopped-by-operator": ["runtime", "Did somebody stop it on purpose?", "true or false"],
  "container-health": ["runtime", "What its own health check says", '"healthy", "unhealthy", "starting"'],
  "instance-age": ["runtime", "How old the instance was when the trouble began", "milliseconds"],
  replicas: [
    "runtime",
    "How many replicas run, and the next number where one more is allowed",
    "a number, proposed; null: no more",
  ],
  "start-error": [
    "runtime",
    "Why the runtime could not start it",
    '"command", "image", "port", "mount", "other"; null: it could',
  ],
  "good-image": [
    "runtime",
    "The image and command with which it was last well, where it runs others now",
    "a name, with both ids; null: none to go back to",
  ],
  "good-command": [
    "runtime",
    "The command with which it was last well, where it is started with another one now",
    "a command, with both ids; null: none to go back to",
  ],
  "same-instance": ["runtime", "Is it still the instance that this run looked at?", "true or false"],
  deployed: [
    "runtime",
    "What was rolled out shortly before the symptom",
    '"container", "command" or "program"; null: nothing',
    { withinMinutes: "before the symptom (30)", unlessWell: "true: nothing, where it was well since" },
  ],
  "never-well": ["runtime", "Has no check passed since its last start?", "true or false"],
  "reload-signal": [
    "configuration",
    "On which signal it reads its files again",
    "a signal's name; null: none is configured",
  ],
  "outside-service": ["configuration", "Does nothing of ours run there?", "true or false"],
  "cpu-now": [
    "kernel",
    "The share of its CPU that it takes",
    "0 to 1",
    { freshMs: "how old a measurement may be (60000)" },
  ],
  "memory-now": ["kernel", "The share of its memory that is taken", "0 to 1"],
  "memory-limit": [
    "kernel",
    "Its memory limit, and the next one where a higher one is allowed",
    "bytes, proposed; null: the most is reached",
  ],
  "host-memory": ["kernel", "The share of the machine's memory that is taken", "0 to 1"],
  "disk-usage": ["kernel", "How full the fullest disk of the machine is", "0 to 1"],
  "open-files-now": ["kernel", "The share of its open files that is taken", "0 to 1"],
  "threads-now": ["kernel", "The share of its threads and processes that is taken", "0 to 1"],
  "zombies-now": ["kernel", "Ended children that it has not collected", "a number"],
  "half-closed": ["kernel", "Connections closed by the other side only", "a number"],
  "port-holder": ["kernel", "Who holds the port of its health check", '"own", "other", "nobody"'],
  "volume-use": ["kernel", "How full the fullest file system is that it writes to", "0 to 1"],
  "volume-inodes": ["kernel", "The share of file entries that is taken there", "0 to 1"],
  "volume-read-only": ["kernel", "Which of them can only be read", "a mount point; null: none"],
  "files-denied": ["kernel", "Which of its files its user may not use", "a path; null: none"],
  "clearable-space": [
    "kernel",
    "The share that would go free if all that cleanUp gives up went from its fullest file system",
    "0 to 1, with each file; 0 while there is room",
    {
      of: '"space" (taken) or "entries"',
      on: ON_DATABASES_DISK,
    },
  ],
  "removable-images": [
    "runtime",
    "The share that would go free at most if the images went that cleanUp gives up and no container uses",
    "0 to 1, with each image; 0 while there is room",
    { on: ON_DATABASES_DISK },
  ],
  "removable-containers": [
    "runtime",
    "The share that would go free if the containers went that cleanUp gives up and that have ended",
    "0 to 1, with each container; 0 while there is room",
    { on: ON_DATABASES_DISK },
  ],
  "host-cpu": ["kernel", "The share of the machine's processors that is taken", "0 to 1"],
  "memory-pressure": ["kernel", "Share of the last ten seconds in which work waited for memory", "0 to 1"],
  "io-pressure": ["kernel", "Share of the last ten seconds in which work waited for disks", "0 to 1"],
  "swap-use": ["kernel", "The share of swap that is taken", "0 to 1"],
  "memory-trend": ["signals", "Where its memory is going", '"growing", "flat", "falling"'],
  "request-trend": ["signals", "Whether there is more to do than before the symptom", '"rising", "steady"'],
  symptom: [
    "signals",
    "Which of some symptoms this run found on it",
    "a symptom's kind; null: none",
    { kinds: "which to look for" },
  ],
  "clock-offset": ["signals", "How far its clock is from ours", "milliseconds"],
  "own-clock-offset": ["signals", "How far our clock is from the others'", "milliseconds"],
  "calls-per-request": [
    "signals",
    "Growth of the requests to what it depends on, for each of its own",
    "a number",
  ],
  "dependency-level": [
    "signals",
    "The worst of its dependencies at the last look",
    '"healthy", "warning", "critical"',
  ],
  "service-level": ["signals", "How it was at the last look", '"healthy", "warning", "critical"'],
  "healthy-neighbour": [
    "signals",
    "Another service that is well",
    "a name; null: none",
    { ours: "true: only what runs here" },
  ],
  "probe-now": [
    "probe",
    "How its health checks answer now",
    '"ok", "timeout", "refused", "dns", "reset", "tls", "status", "slow", "exit", …',
    { withinMs: "to wait at most" },
  ],
  "port-open": ["probe", "Does its port accept connections?", "true or false"],
  "dependency-probe": ["probe", "Do its dependencies answer now?", '"ok" or "failed"'],
  "upstream-probe": [
    "probe",
    "Does the host answer that the log names, where it is a service?",
    "as probe-now",
  ],
  "answer-status": ["probe", "The HTTP status that it answers now", "a number"],
  "slower-than-before": [
    "probe",
    "How many times longer it takes to answer than before the symptom",
    "a number",
    { leastMs: "nothing counts as quicker (100)" },
  ],
  "dependency-slower": [
    "probe",
    "How many times longer its slowest dependency takes to answer than before the symptom",
    "a number",
    { leastMs: "nothing counts as quicker (100)" },
  ],
  "outside-failing": ["probe", "The share of outside services that fail now", "0 to 1"],
  "names-resolve": ["network", "Do the hosts that it needs have addresses?", '"ok", "unknown", "unanswered"'],
  "certificate-days": ["network", "Days until its certificate ends, below 0 when it has", "a number"],
  "certificate-refused": ["network", "Why its certificate would be refused", "words; null: it would not"],
  "setting-addresses": [
    "network",
    "Do the addresses in its settings lead anywhere?",
    '"ok", "unknown-host", "refused", "timeout", …',
  ],
  "changed-files": [
    "files",
    "Which files differ from the last known good version",
    "a list with its version; null: none",
    { withinMinutes: "before the symptom" },
  ],
  "setting-for": [
    "files",
    "The setting that governs something, with its next value",
    "path, pointer, from, to; null: none",
    { settings: 'some of "delay", "batch", "timeout", "retries", "pool", "workers"' },
  ],
  "timeout-matches-setting": [
    "files",
    "Does the log name the very duration of a timeout setting?",
    "true or false",
  ],
  "settings-readable": ["files", "Which settings file is not of its format", "a path; null: all can be read"],
  "deadlock-statements": [
    "log",
    "Which statements deadlock each other",
    "their shapes, of the log or of InnoDB's monitor; null: nobody names them",
  ],
  "error-began": ["log", "What the trouble followed", '"at-start", "after-change", "in-operation"'],
  "config-error-in-log": [
    "log",
    "A line that complains about its configuration",
    "the line; null: none",
    { withinMs: "of the last, ms (600000)" },
  ],
  "log-pattern": [
    "log",
    "How many lines are of a known pattern",
    "a number",
    { pattern: "its name", withinMs: "of the last, ms (600000)" },
  ],
  "log-share": [
    "log",
    "Which part of what went wrong is of a known pattern",
    "0 to 1",
    { pattern: "its name" },
  ],
  "upstream-of-log": [
    "log",
    "The host that lines of a pattern name",
    "a host; null: none",
    { about: '"rate-limit" or "timeout"' },
  ],
  "missing-variable": [
    "log",
    "A variable that its log misses and its environment lacks",
    "a name; null: none",
  ],
  "suspected-cause": ["log", "Where everything that is known of all services points", '"leading", "behind"'],
};

/** By name. An observation without words of its own is one of a database, and says what it answers itself. */
export function observationCatalogue(): ObservationEntry[] {
  return [...observers.keys()].sort().map((name) => {
    const [way, asks, answers, params = {}] = observationWords[name] ?? (["database", "", ""] as const);
    return { name, asks, answers, params, way, measured: !TEXT_OBSERVATIONS.has(name) };
  });
}
