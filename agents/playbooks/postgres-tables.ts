// Statements of PostgreSQL are slow, or its tables swell: an index is missing, the planner is misinformed, vacuum does
// not come, or something keeps it from removing anything.
import { human, playbook } from "./common-checks.ts";
import { isEngine, nobodyBlocks, noIndexMissing } from "./database-checks.ts";
import { analyze, createIndex, endKeeperAndVacuum, vacuum } from "./postgres-fixes.ts";

export const postgresMissingIndex = playbook({
  id: "postgres-missing-index",
  title: "An index is missing in PostgreSQL",
  vocabulary: ["slow query", "sequential scan", "seq scan", "missing index", "full table scan", "explain"],
  appliesTo: ["slow-queries", "cache-misses", "stale-statistics"],
  cause: "Statements read a whole table for a few rows: {candidate}.",
  prior: 3_600,
  checks: [
    isEngine("postgres"),
    {
      id: "candidate",
      question: "Do costly statements filter by a column without an index?",
      observe: "index-candidate",
      expect: { some: true },
      weight: 2_600,
      against: 4_000,
      discriminates: ["postgres-stale-statistics", "postgres-cache-too-small"],
    },
    {
      id: "scans",
      question: "Are big tables read as a whole?",
      observe: "rows-per-scan",
      expect: { atLeast: 5_000 },
      weight: 1_300,
      against: 1_500,
    },
    {
      id: "planner-right",
      question: "Does the planner know how big the tables are?",
      observe: "planner-error",
      expect: { atMost: 3 },
      weight: 900,
      against: 1_500,
      discriminates: ["postgres-stale-statistics"],
    },
    nobodyBlocks({ weight: 400, against: 2_500 }),
    ...createIndex.checks,
  ],
  fixes: [
    ...createIndex.fixes,
    human("Make the index in a quiet hour, and look whether it helps: {candidate.advice}"),
  ],
});

export const postgresStaleStatistics = playbook({
  id: "postgres-stale-statistics",
  title: "The statistics of PostgreSQL's planner are old",
  vocabulary: ["bad plan", "analyze", "row estimate", "nested loop", "slow after bulk load", "statistics"],
  appliesTo: ["stale-statistics", "slow-queries"],
  cause: "The planner does not know how big its tables have become: {planner}.",
  prior: 3_600,
  checks: [
    isEngine("postgres"),
    {
      id: "planner",
      question: "Is the planner wrong about a table?",
      observe: "planner-error",
      expect: { atLeast: 3 },
      weight: 3_000,
      against: 5_000,
      discriminates: ["postgres-missing-index"],
    },
    {
      id: "changed",
      question: "Has much changed since the statistics were made?",
      observe: "database-number",
      params: { name: "unanalysed-share" },
      expect: { atLeast: 0.5 },
      weight: 900,
      against: 1_500,
    },
    noIndexMissing("postgres", { weight: 700, against: 1_500 }),
    nobodyBlocks({ weight: 400, against: 2_500 }),
    ...analyze.checks,
  ],
  fixes: [...analyze.fixes, human("Make them anew: {planner.advice}")],
});

const dead = (weight: number) => ({
  id: "dead",
  question: "Are many rows of a table dead?",
  observe: "dead-rows",
  expect: { atLeast: 0.3 },
  weight,
  against: 5_000,
});

export const postgresVacuumOverdue = playbook({
  id: "postgres-vacuum-overdue",
  title: "A table of PostgreSQL is overdue for a vacuum",
  vocabulary: ["bloat", "dead tuples", "autovacuum", "vacuum", "table grows"],
  appliesTo: ["bloat"],
  cause: "No vacuum has come in time: {dead}, {autovacuum}.",
  prior: 3_900,
  checks: [
    isEngine("postgres"),
    dead(2_600),
    {
      id: "not-held",
      question: "Does nothing keep a vacuum from removing them?",
      observe: "vacuum-held-by",
      expect: { none: true },
      weight: 1_800,
      against: 5_000,
      discriminates: ["postgres-vacuum-held-back"],
    },
    {
      id: "autovacuum",
      question: "Is autovacuum switched off?",
      observe: "database-setting",
      params: { name: "autovacuum" },
      expect: { is: "off" },
      weight: 400,
      against: 0,
    },
    ...vacuum.checks,
  ],
  fixes: [
    ...vacuum.fixes,
    { ...human("Vacuum it, and let autovacuum come sooner: {dead.advice}"), needs: ["nobody-at-it"] },
  ],
});

export const postgresVacuumHeldBack = playbook({
  id: "postgres-vacuum-held-back",
  title: "Something keeps PostgreSQL from removing dead rows",
  vocabulary: [
    "bloat",
    "dead tuples cannot be removed",
    "xmin horizon",
    "replication slot",
    "prepared transaction",
    "long transaction",
  ],
  appliesTo: ["bloat"],
  cause: "Vacuum comes, but may remove nothing: {held}. {dead}.",
  prior: 3_800,
  checks: [
    isEngine("postgres"),
    dead(1_200),
    {
      id: "held",
      question: "Has something been open since before the last vacuum?",
      observe: "vacuum-held-by",
      expect: { some: true },
      weight: 3_700,
      against: 6_000,
      discriminates: ["postgres-vacuum-overdue"],
    },
    ...endKeeperAndVacuum.checks,
  ],
  fixes: [
    ...endKeeperAndVacuum.fixes,
    human("End what holds it, then vacuum: {held.advice}; {dead.advice} ({endable})"),
  ],
});
