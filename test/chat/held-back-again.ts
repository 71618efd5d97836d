// Twenty more, written when the rules were done. Asked for the first time: 10 of 20 right (most of the others met "I do
// not know"); mended since.
import type { Expected } from "./expected.ts";

export const heldBackAgain: readonly Expected[] = [
  { ask: "my customers say paying takes half a minute, what gives?", has: ["payments"], cites: ["inc_k12"] },
  { ask: "orders-db post mortem please", has: ["512 MB"], cites: ["inc_k09"] },
  { ask: "Anything on fire?", has: ["2840 ms"], cites: ["inc_k12"] },
  { ask: "who gave the go-ahead for more cache memory", has: ["jonas"], cites: ["apr_run_k05"] },
  { ask: "what triggered the crash loop in checkout", has: ["config/checkout.yaml"], cites: ["run_k02"] },
  { ask: "did the worker have hiccups this week?", has: ["exit code 1"], cites: ["inc_k01", "inc_k08"] },
  { ask: "how come nobody dealt with mailer", has: ["52.00 %"], cites: ["run_k04"] },
  { ask: "is there enough disk space for orders-db this weekend", has: ["disk", "2026-01-10"] },
  { ask: "timeline of wednesday", has: ["cache", "web", "search"], cites: ["inc_k05", "inc_k06", "inc_k07"] },
  { ask: "what's your plan for checkout", has: ["from 2 s to 3 s"], cites: ["run_k12"] },
  { ask: "put the old checkout config back, how?", has: ["backup_20260105_143105"] },
  { ask: "when did orders-db come back", has: ["2026-01-09 02:23"], cites: ["inc_k09"] },
  { ask: "explain the 89 percent", has: ["89.00"], cites: ["run_k09"] },
  {
    ask: "were there any alerts about search between monday and thursday?",
    has: ["search"],
    cites: ["inc_k03", "inc_k07"],
  },
  {
    ask: "which incidents needed a human",
    has: ["search", "mailer"],
    cites: ["inc_k03", "inc_k04", "inc_k06", "inc_k07"],
  },
  { ask: "anything new in the checkout logs", has: ["PAYMENTS_TIMEOUT"] },
  { ask: "did raising the memory limit work for cache?", has: ["1 of 1"], cites: ["case_plan_run_k05"] },
  { ask: "what did maria decide", has: ["not during the sale"], cites: ["audit_3"] },
  { ask: ["how did search do this week?", "and mailer?"], has: ["429"], cites: ["inc_k04"] },
  { ask: "how is the weather", has: [], unknown: true },
];
