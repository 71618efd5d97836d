// Repairs: those that wait, and taking back.
import { dryRun, inService, limit, reason, type CommandSpec } from "./spec.ts";

export const repairs: readonly CommandSpec[] = [
  {
    usage: "approvals ls",
    summary: "what waits for a decision",
    options: [limit, ["--all", "decided and expired ones too"]],
    load: async () => (await import("../commands/approvals.ts")).list,
  },
  {
    usage: "approvals show <id>",
    summary: "the plan that is to be decided",
    load: async () => (await import("../commands/approvals.ts")).show,
  },
  {
    usage: "approvals approve <id>",
    summary: "let the fix run",
    options: [reason, ["--plan-hash <hash>", "only if the plan is still this one"], dryRun],
    load: async () => (await import("../commands/approvals.ts")).approve,
  },
  {
    usage: "approvals reject <id>",
    summary: "refuse the fix",
    options: [reason, ["--plan-hash <hash>", "only if the plan is still this one"], dryRun],
    load: async () => (await import("../commands/approvals.ts")).reject,
  },
  {
    usage: "autonomy ls",
    summary: "what would have been fixed, how right that was, and which fixes may act alone",
    options: [inService],
    load: async () => (await import("../commands/autonomy.ts")).list,
  },
  {
    usage: "autonomy show <id>",
    summary: "one cause and fix at a service, with its decisions",
    load: async () => (await import("../commands/autonomy.ts")).show,
  },
  {
    usage: "autonomy revoke <id>",
    summary: "take autonomy away: what was right before counts no more",
    options: [reason, dryRun],
    load: async () => (await import("../commands/autonomy.ts")).revoke,
  },
  {
    usage: "backups ls",
    summary: "all backups",
    load: async () => (await import("../commands/backups.ts")).list,
  },
  {
    usage: "backups diff <id>",
    summary: "what differs now from a backup",
    load: async () => (await import("../commands/backups.ts")).diff,
  },
  {
    usage: "backups verify [id]",
    summary: "read a backup (or all) and check it",
    load: async () => (await import("../commands/backups.ts")).verify,
  },
  {
    usage: "backups restore <id>",
    summary: "put the kept state back",
    options: [dryRun],
    load: async () => (await import("../commands/backups.ts")).restore,
  },
  {
    usage: "rollback <run>",
    summary: "put back what a run changed",
    options: [dryRun],
    load: async () => (await import("../commands/backups.ts")).rollback,
  },
];
