// Questions about what is wrong, what happened, why, and how sure opsmedic was.
import type { Expected } from "./expected.ts";

export const troubleQuestions: readonly Expected[] = [
  // why slow, why down
  {
    ask: "why is checkout slow?",
    has: ["2840 ms", "payments answers in 2.4 s", "79.35 %"],
    cites: ["inc_k12", "run_k12"],
  },
  { ask: "Why is chekout so slow", has: ["payments"], cites: ["run_k12"] },
  { ask: "checkout is sluggish, what's going on?", has: ["payments", "2840 ms"], cites: ["inc_k12"] },
  { ask: "what is wrong with checkout", has: ["2840 ms"], cites: ["inc_k12"], lacks: ["pool_size"] },
  {
    ask: "why was orders-db down last night?",
    has: ["512 MB", "killed for memory"],
    cites: ["inc_k09", "run_k09"],
  },
  { ask: "why did the worker crash?", has: ["exit code 1"], cites: ["run_k08"] },
  { ask: "Why did workers die on Monday?", has: ["exit code 1"], cites: ["run_k01"], lacks: [/run_k08/] },
  { ask: "root cause of inc_k02?", has: ["config/checkout.yaml", "94.00 %"], cites: ["inc_k02", "run_k02"] },
  { ask: "why is the cache down", has: ["256 MB"], cites: ["run_k05"] },
  { ask: "why did web fail last night", has: ["orders-db"], cites: ["inc_k11"] },
  { ask: "what caused the search hang on wednesday evening", has: ["answers nothing"], cites: ["run_k07"] },
  { ask: "why is payments slow?", has: ["payments"], lacks: ["512 MB"] },
  // what happened
  {
    ask: "what happened last night?",
    has: ["orders-db", "checkout", "web", "512 MB"],
    cites: ["inc_k09", "inc_k10", "inc_k11"],
    lacks: ["mailer", "429"],
  },
  { ask: "What happend yesterday?", has: ["worker"], cites: ["inc_k08"], lacks: ["orders-db"] },
  {
    ask: "what happened on tuesday",
    has: ["search", "mailer"],
    cites: ["inc_k03", "inc_k04"],
    lacks: ["worker"],
  },
  { ask: "give me a summary of this week", has: ["12"], cites: ["inc_k01", "inc_k12"] },
  { ask: "what happened between 2 and 3 am?", has: ["orders-db"], cites: ["inc_k09"], lacks: ["2840"] },
  {
    ask: "what happened in the last 2 hours",
    has: ["checkout"],
    cites: ["inc_k12"],
    lacks: ["orders-db was killed"],
  },
  {
    ask: "what happened to search this week?",
    has: ["96 %", "90 s"],
    cites: ["inc_k03", "inc_k07"],
    lacks: ["429"],
  },
  { ask: "anything happen on sunday?", has: [/no incident/i], lacks: ["worker"] },
  { ask: "what went wrong with mailer", has: ["429"], cites: ["inc_k04"] },
  { ask: "tell me about run_k06", has: ["web", "rejected", "71.50 %"], cites: ["run_k06"] },
  { ask: "what happened in incident inc_k05", has: ["cache", "256 MB"], cites: ["inc_k05"] },
  // not fixed
  {
    ask: "why did you not fix search?",
    has: [/nobody decided/i, "expired"],
    cites: ["run_k07", "apr_run_k07"],
  },
  {
    ask: "why didn't you fix the search memory on tuesday",
    has: ["restart", "95 %", "taken back"],
    cites: ["run_k03"],
  },
  { ask: "why didnt you repair mailer", has: ["52.00 %", "60 %"], cites: ["run_k04"] },
  {
    ask: "why was web not fixed on wednesday",
    has: ["maria", "not during the sale"],
    cites: ["run_k06", "apr_run_k06"],
  },
  { ask: "why haven't you fixed checkout yet", has: ["waits", "79.35 %"], cites: ["apr_run_k12"] },
  { ask: "why was the fix of search rolled back?", has: ["95 %"], cites: ["run_k03"] },
  { ask: "why did you not fix orders-db", has: ["healed"], cites: ["run_k09"] },
  // changes
  {
    ask: "what changed before the incident inc_k02?",
    has: ["config/checkout.yaml", "3 minutes before"],
    cites: ["run_k02"],
  },
  { ask: "what changed before checkout broke on monday", has: ["config/checkout.yaml"], cites: ["run_k02"] },
  {
    ask: "what changed before orders-db went down?",
    has: [/no change|nothing/i],
    lacks: ["config/checkout.yaml differs"],
  },
  { ask: "what was changed this week?", has: ["restore-files", "set-memory-limit"] },
  {
    ask: "show the diff of backup_20260105_143105",
    has: ["pool_size: 20"],
    cites: ["backup_20260105_143105"],
  },
  // similar
  { ask: "show similar incidents to inc_k08", has: ["worker"], cites: ["inc_k01"] },
  { ask: "have we seen the worker crash before?", has: ["worker"], cites: ["inc_k01"] },
  { ask: "anything similar to the payments timeout", has: ["search_timeout"], cites: ["inc_k06"] },
  // sure
  {
    ask: "how sure were you about orders-db and why?",
    has: ["89.00 %", "killed by the kernel", "limit 512 MB"],
    cites: ["run_k09"],
  },
  {
    ask: "how confident are you about the checkout problem",
    has: ["79.35 %", "payments_timeout 2 s"],
    cites: ["run_k12"],
  },
  { ask: "how certain were you in run_k03", has: ["86.00 %"], cites: ["run_k03"] },
  {
    ask: "what's the gate's arithmetic for run_k12?",
    has: ["25.00", "30.00", "24.35", "79.35"],
    cites: ["run_k12"],
  },
  { ask: "show me the math behind the 79.35", has: ["25.00", "30.00", "24.35"], cites: ["run_k12"] },
  { ask: "why did the gate deny mailer?", has: ["52.00 %", "60 %"], cites: ["run_k04"] },
  { ask: "what evidence was there against the leak at orders-db", has: ["44.00 %"], cites: ["run_k09"] },
  { ask: "what else could it have been at orders-db?", has: ["leaks memory", "44.00 %"], cites: ["run_k09"] },
];
