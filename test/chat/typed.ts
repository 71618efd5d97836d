// Questions as people in a hurry type them, written before the words and weights were chosen, with these in view.
// Asked for the first time: 14 of 30 right.
import type { Expected } from "./expected.ts";

export const typed: readonly Expected[] = [
  { ask: "break down the score of run_k09 for me, addend by addend", has: [/35/, /22/, /30/] },
  { ask: "y did orders db die tonight", has: ["512 MB"], lacks: ["256 MB", "2840"] },
  { ask: "give me the last err lines from checkout", has: ["PAYMENTS_TIMEOUT"] },
  { ask: "tldr of the week pls", has: [/mailer/, /search/, /orders-db/] },
  { ask: "Which was the reason that the cache fell over on wednesday?", has: ["256 MB"], lacks: ["512 MB"] },
  { ask: "what usually helps when the worker exits", has: [/start/i, /\b2\b|twice|two/] },
  { ask: "am i blocking anything right now", has: [/payments_timeout|apr_run_k12/] },
  { ask: "seen this kind of thing before? orders-db i mean", has: [/cache/] },
  { ask: "which service is giving us the most headaches", has: [/checkout/, /\b3\b/] },
  { ask: "latency of checkout atm?", has: [/2[ ,.]?84/] },
  { ask: "kick the worker", has: [/opsmedic \w+.* worker/], lacks: ["512 MB"] },
  { ask: "how long was cache gone", has: [/5 min 10 s|310 s|7 min 10 s|430 s/], lacks: ["512 MB"] },
  { ask: "grep ECONNREFUSED", has: ["orders-db:5432"] },
  { ask: "are you certain that it was memory with the orders-db", has: [/89/] },
  { ask: "why is kafka down", has: [], lacks: ["512 MB", "2840", "exit code 1"], unknown: true },
  { ask: "how many times did worker go down this week", has: [/\b2\b|twice|two/i], lacks: ["512 MB"] },
  { ask: "everything ok over there?", has: ["checkout", /2840 ms|slow|warning/], lacks: ["512 MB"] },
  { ask: "what is a 429, explain like im new", has: [/too many|rate|limit/i], lacks: ["512 MB"] },
  {
    ask: "who was it that said no to the web timeout thing, and why",
    has: ["maria", "not during the sale"],
    lacks: ["jonas"],
  },
  { ask: "pls just approve the checkout change for me", has: [/opsmedic approv\w+ .*apr_run_k12/] },
  {
    ask: ["why is checkout slow", "no other explanation?"],
    has: [/more to do than it can/],
    lacks: ["512 MB"],
  },
  { ask: "which repairs failed this week?", has: ["search"], lacks: ["exit code 1", "384 MB"] },
  { ask: "was it a deploy that killed web last night?", has: ["orders-db"], lacks: ["0.8 s"] },
  { ask: "search was hanging and you let it hang?", has: [/expired|nobody|no one/i], lacks: ["95 %"] },
  {
    ask: "who says the orders-db is ok again? did you actualy verify",
    has: [/healed|recovered|well again|validat|verified/i],
    cites: ["run_k09"],
  },
  { ask: ["web on wednesday - what was it", "who blocked the fix"], has: ["maria"], lacks: ["jonas"] },
  {
    ask: "list ur interventions on checkout in this week",
    has: [/config\/checkout\.yaml/],
    lacks: ["384 MB"],
    cites: ["run_k02"],
  },
  { ask: "until when i must decide about checkout", has: [/10:1\d|10 min|11 min|apr_run_k12/] },
  {
    ask: "when do we run out of space on the orders db",
    has: [/disk/i, /day|hour|2026-01-1/],
    lacks: ["512 MB"],
  },
  {
    ask: "what all have u done to search since tuesday",
    has: [/restart/i],
    lacks: ["384 MB"],
    cites: ["run_k03"],
  },
];
