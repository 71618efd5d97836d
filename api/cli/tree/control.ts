// Control, and what can be checked afterwards.
import { dryRun, limit, type CommandSpec } from "./spec.ts";

export const control: readonly CommandSpec[] = [
  {
    usage: "gate replay <run>",
    summary: "judge a recorded run again",
    load: async () => (await import("../commands/records.ts")).replay,
  },
  {
    usage: "audit ls",
    summary: "the last entries",
    options: [limit],
    load: async () => (await import("../commands/records.ts")).audit,
  },
  {
    usage: "audit verify",
    summary: "check that nothing was changed or left out",
    load: async () => (await import("../commands/records.ts")).verifyAudit,
  },
  {
    usage: "config validate",
    summary: "everything that is wrong, with line and column",
    load: async () => (await import("../commands/config.ts")).validate,
  },
  {
    usage: "config show",
    summary: "what is in force, secrets masked",
    load: async () => (await import("../commands/config.ts")).show,
  },
  {
    usage: "config reload",
    summary: "let the running server read its file again",
    options: [dryRun],
    load: async () => (await import("../commands/reload.ts")).reload,
  },
  {
    usage: "config schema",
    summary: "the JSON Schema for editors",
    load: async () => (await import("../commands/config.ts")).schema,
  },
  {
    usage: "start <service>",
    summary: "start a process that opsmedic runs",
    options: [dryRun],
    load: async () => (await import("../commands/running.ts")).start,
  },
  {
    usage: "stop <service>",
    summary: "stop it; it is left alone until it is started again",
    options: [dryRun],
    load: async () => (await import("../commands/running.ts")).stop,
  },
  {
    usage: "mode [mode]",
    summary: "show or change: observe, approve, auto",
    choices: ["observe", "approve", "auto"],
    options: [dryRun],
    load: async () => (await import("../commands/control.ts")).mode,
  },
  {
    usage: "pause [duration]",
    summary: "stop all healing, for a time or until resume",
    options: [["--reason <text>", "why; kept in the audit log"], dryRun],
    load: async () => (await import("../commands/control.ts")).pause,
  },
  {
    usage: "resume",
    summary: "end the pause",
    options: [dryRun],
    load: async () => (await import("../commands/control.ts")).resume,
  },
  {
    usage: "playbooks ls",
    summary: "all playbooks",
    load: async () => (await import("../commands/playbooks.ts")).list,
  },
  {
    usage: "playbooks show <id>",
    summary: "one playbook: its checks with their weights, its rivals, its fixes",
    load: async () => (await import("../commands/playbooks.ts")).show,
  },
  {
    usage: "playbooks observations",
    summary: "what a check may ask for, and how it looks without touching anything",
    load: async () => (await import("../commands/playbooks.ts")).observations,
  },
  {
    usage: "playbooks validate",
    summary: "check your own playbooks in opsmedic.d beside the configuration",
    load: async () => (await import("../commands/playbooks.ts")).validate,
  },
  {
    usage: "playbooks schema",
    summary: "the JSON Schema of a playbook, for editors",
    load: async () => (await import("../commands/playbooks.ts")).schema,
  },
];
