// Twenty more and freer ones, written when the second twenty were mended. Asked for the first time: 10 of 20 right;
// mended since.
import type { Expected } from "./expected.ts";

export const heldBackThird: readonly Expected[] = [
  { ask: "whats the deal with checkout today", has: ["2840 ms"], cites: ["inc_k12"] },
  {
    ask: "Can you walk me through the database incident from last night?",
    has: ["512 MB", "orders-db"],
    cites: ["inc_k09"],
  },
  {
    ask: "who turned down the change to web's timeout and for what reason",
    has: ["maria", "sale"],
    cites: ["apr_run_k06"],
  },
  { ask: "is the worker problem a recurring one?", has: ["worker"], cites: ["inc_k01", "inc_k08"] },
  {
    ask: "did anyone touch checkout's configuration on monday",
    has: ["config/checkout.yaml"],
    cites: ["run_k02"],
  },
  { ask: "how much memory is search using", has: ["60.0 %"], cites: ["metric:search/memory/service"] },
  {
    ask: "what have you been up to since wednesday?",
    has: ["cache", "orders-db"],
    cites: ["run_k05", "run_k09"],
  },
  { ask: "were you right about the memory leak in search?", has: ["95 %"], cites: ["run_k03"] },
  { ask: "what alternatives did you consider for checkout's slowness", has: ["24.00 %"], cites: ["run_k12"] },
  { ask: "do I have to do anything?", has: ["payments_timeout"], cites: ["apr_run_k12"] },
  { ask: "how many fixes failed", has: ["1 did not help", "search"], cites: ["case_plan_run_k03"] },
  { ask: "which service is the least reliable", has: ["2"] },
  {
    ask: "what's in backup_20260105_143105",
    has: ["config/checkout.yaml"],
    cites: ["backup_20260105_143105"],
  },
  {
    ask: "what was the impact of the orders-db outage",
    has: ["checkout", "web"],
    cites: ["inc_k10", "inc_k11"],
  },
  { ask: "did the limit increase for orders-db hold?", has: ["768 MB"], cites: ["run_k09"] },
  { ask: "any 429s lately?", has: ["mailer"], cites: ["inc_k04"] },
  { ask: ["what happened to cache?", "who signed that off?"], has: ["jonas"], cites: ["apr_run_k05"] },
  { ask: ["what is broken?", "since when?"], has: ["2026-01-09 09:40"], cites: ["inc_k12"] },
  {
    ask: "expalin why yuo wanted to restrat serach on wendesday",
    has: ["answers nothing"],
    cites: ["run_k07"],
  },
  { ask: "write me a poem about kubernetes", has: [], unknown: true },
];
