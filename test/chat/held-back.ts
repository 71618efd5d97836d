// Twenty questions that were written before the rules. Asked for the first time: 20 of 20 right; their writer had the
// rules' words in mind, so see the next twenty, too.
import type { Expected } from "./expected.ts";

export const heldBack: readonly Expected[] = [
  {
    ask: "checkout is crawling this morning, any idea what's behind it?",
    has: ["payments", "2840 ms"],
    cites: ["inc_k12"],
  },
  {
    ask: "did anything break overnight?",
    has: ["orders-db", "512 MB"],
    lacks: ["mailer"],
    cites: ["inc_k09"],
  },
  { ask: "how come search never got repaired on tuesday", has: ["95 %", "memory"], cites: ["run_k03"] },
  { ask: "which human said no to the web timeout change?", has: ["maria", "sale"], cites: ["apr_run_k06"] },
  {
    ask: "What was modified right before checkout started restarting on Monday?",
    has: ["config/checkout.yaml"],
    cites: ["run_k02"],
  },
  { ask: "has something like the orders-db thing happened before?", has: ["cache"], cites: ["inc_k05"] },
  {
    ask: "on what grounds were you confident about orders-db",
    has: ["89.00 %", "killed"],
    cites: ["run_k09"],
  },
  {
    ask: "anything i need to sign off?",
    has: ["payments_timeout"],
    cites: ["apr_run_k12"],
    lacks: ["search_timeout"],
  },
  { ask: "when do we run out of disk on the orders db", has: ["disk", "95"], lacks: ["checkout answers"] },
  { ask: "number of worker crashes since sunday", has: ["2"], cites: ["inc_k01", "inc_k08"] },
  { ask: "revert what you did to the cache - how do i do that", has: ["backup_20260107_083512"] },
  { ask: "is the search box ok", has: ["search", "healthy"] },
  {
    ask: "what's the best remedy for memory limits",
    has: ["raise-limit", "2 of 2"],
    cites: ["case_plan_run_k05"],
  },
  { ask: "what did jonas do this week", has: ["mode", "approve"], cites: ["audit_1"] },
  {
    ask: "econnrefused in checkout, what does that mean?",
    has: ["ECONNREFUSED orders-db"],
    cites: ["checkout:p2"],
  },
  { ask: "how long was orders-db out for", has: ["3 min"], cites: ["inc_k09"] },
  { ask: ["why is checkout slow?", "and what would you do about it?"], has: ["3 s"], cites: ["apr_run_k12"] },
  {
    ask: ["what happened to mailer?", "why didn't you fix that?"],
    has: ["52.00 %", "60 %"],
    cites: ["run_k04"],
  },
  { ask: "what's the capital of france", has: [], unknown: true },
  {
    ask: "which services did the database outage drag down?",
    has: ["checkout", "web"],
    cites: ["inc_k10", "inc_k11"],
  },
];
