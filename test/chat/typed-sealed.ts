// Their other half (by a hash of their text), kept unseen until the end: 20 of 30 right before, 27 after. Their writer
// also chose the words, so typed-again.ts and typed-third.ts tell more of how a stranger fares.
import type { Expected } from "./expected.ts";

export const typedSealed: readonly Expected[] = [
  { ask: "whats the wifi password", has: [], unknown: true },
  { ask: "is it always search that makes problems? count pls", has: [/\b2\b|twice|two/i, "search"] },
  {
    ask: "i dont like what you did to orders-db, how to get back the old state",
    has: [/backup_20260109_022104|(undo|restore|rollback) run_k09/],
  },
  {
    ask: ["anything blow up last night?", "and the night before?"],
    has: [/no incident|nothing|0 incidents|search/i],
    lacks: ["512 MB"],
  },
  { ask: "pls show what exactly was altered in the yaml of checkout", has: [/pool_size/] },
  { ask: "you undid your own repair on search, for what reason", has: [/95 %/] },
  { ask: ["why did cache crash", "what did you do about it then"], has: ["384 MB"], lacks: ["768 MB"] },
  {
    ask: "Jonas, what did he do this week?",
    has: ["jonas", /cache|apr_run_k05|room on the host/],
    lacks: ["not during the sale"],
  },
  { ask: "how much ram does search eat", has: ["60.0 %"] },
  {
    ask: "what have you learnt from all the worker trouble",
    has: [/watch|2 of 2|exit/i, "worker"],
    lacks: ["512 MB"],
  },
  { ask: ["status of checkout", "since when?"], has: [/09:40|20 min/] },
  { ask: "who gave the ok for more memory for cache", has: ["jonas"], lacks: ["maria"] },
  {
    ask: "so the web errors from wednesday, why are they still not solved?",
    has: ["maria", "not during the sale"],
  },
  { ask: "is somebody needed to sign something off?", has: [/payments_timeout|apr_run_k12/] },
  { ask: "run_k05 - whats that", has: ["cache", "256 MB"], lacks: ["512 MB"] },
  { ask: "ok to go to lunch or is something burning", has: ["checkout"], lacks: ["512 MB"] },
  {
    ask: "somebody touched something before checkout went crashlooping on monday?",
    has: ["config/checkout.yaml"],
    lacks: ["512 MB"],
  },
  {
    ask: "checkout is sooo slow rn, whats going on??",
    has: ["payments", /2\.4 s|timeout/],
    lacks: ["512 MB"],
  },
  { ask: "turn yourself off for an hour pls", has: [/opsmedic pause/] },
  { ask: "show inc_k06 to me", has: ["web", "12 %"], lacks: ["512 MB"] },
  { ask: "who put you on hold", has: ["maria", /sale begins|paus/] },
  { ask: "is web alright", has: [/healthy/], lacks: ["2840"] },
  { ask: "what went wrong wednesday", has: ["256 MB", "12 %", "90 s"], lacks: ["512 MB"] },
  { ask: "do i need to buy a bigger disk soon", has: ["orders-db", /day|hour|2026-01-1/], lacks: ["512 MB"] },
  { ask: "why is opsmedic not in auto any more, who switched it", has: ["jonas", "approve"] },
  { ask: "Why has the search so much memory needed on tuesday", has: ["4 MB a minute"], lacks: ["512 MB"] },
  { ask: "status payments?", has: [/unknown|nothing of ours/] },
  { ask: "confidence for the checkout config incident?", has: [/94/], lacks: [/79(\.\d+)? %/] },
  {
    ask: "just got my coffee, anything blow up over night?",
    has: ["orders-db", "512 MB"],
    lacks: ["4 MB a minute", "256 MB"],
  },
  { ask: "how would you tackle the slow checkout", has: ["payments_timeout", "3 s"] },
];
