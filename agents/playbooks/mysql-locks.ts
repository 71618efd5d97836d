// Sessions of MySQL or MariaDB wait: for a table whose shape somebody changes, for rows, or for each other; or its
// statements are slow, or its events do not run.
import { human, playbook } from "./common-checks.ts";
import { isEngine, lockKind, nobodyBlocks, noIndexMissing, sessionsWait } from "./database-checks.ts";
import { analyzeMysqlTable, endMysqlBlocker, makeMysqlIndex, switchEventsOn } from "./mysql-fixes.ts";

const root = {
  id: "root",
  question: "Is it known who holds it?",
  observe: "blocker-root",
  expect: { some: true },
  weight: 900,
} as const;

export const mysqlMetadataLock = playbook({
  id: "mysql-metadata-lock",
  title: "An open transaction holds up a change of a table of MySQL",
  vocabulary: ["Waiting for table metadata lock", "metadata lock", "ALTER TABLE hangs", "DDL", "migration"],
  appliesTo: ["blocked-sessions", "connections", "slow-queries"],
  cause:
    "A change of a table waits for a transaction that read it, and everybody else waits behind it: {root}.",
  prior: 3_700,
  checks: [
    isEngine("mysql"),
    sessionsWait,
    lockKind("metadata lock", "mysql-row-lock"),
    root,
    {
      id: "nothing-else-held",
      question: "Is no table held without a transaction?",
      observe: "mysql-held-tables",
      expect: { none: true },
      weight: 0,
      against: 4_000,
      discriminates: ["mysql-table-locked"],
    },
    ...endMysqlBlocker.checks,
  ],
  fixes: [
    ...endMysqlBlocker.fixes,
    human("End the transaction, or take back the change of the table: {root.advice}"),
  ],
});

export const mysqlRowLock = playbook({
  id: "mysql-row-lock",
  title: "A transaction holds rows of MySQL that others wait for",
  vocabulary: ["Lock wait timeout exceeded", "1205", "row lock", "innodb_lock_wait_timeout", "LOCK WAIT"],
  // Its clients give up and say so, often before a look has seen them wait for long.
  appliesTo: ["blocked-sessions", "connections", "slow-queries", "log-errors"],
  cause: "A transaction holds rows and does not end: {root}.",
  prior: 3_700,
  checks: [
    isEngine("mysql"),
    sessionsWait,
    lockKind("row", "mysql-metadata-lock"),
    root,
    ...endMysqlBlocker.checks,
  ],
  fixes: [...endMysqlBlocker.fixes, human("End it, and let its client commit sooner: {root.advice}")],
});

export const mysqlDeadlocks = playbook({
  id: "mysql-deadlocks",
  title: "Transactions of MySQL deadlock each other",
  vocabulary: ["Deadlock found when trying to get lock", "1213", "deadlock", "try restarting transaction"],
  appliesTo: ["deadlocks"],
  cause: "Transactions take the same rows in different orders: {storm}.",
  prior: 4_600,
  checks: [
    isEngine("mysql"),
    {
      id: "storm",
      question: "Were there several deadlocks in the last minutes?",
      observe: "database-rise",
      params: { name: "deadlocks" },
      expect: { atLeast: 3 },
      weight: 4_100,
      against: 6_000,
      discriminates: ["mysql-row-lock"],
    },
    {
      id: "pattern",
      question: "Does InnoDB name the statements?",
      observe: "deadlock-statements",
      expect: { some: true },
      weight: 0,
    },
  ],
  fixes: [
    human(
      "Let every transaction take its rows in one order, and try again on error 1213, where the other one's statement has won: {pattern}",
    ),
  ],
});

export const mysqlMissingIndex = playbook({
  id: "mysql-missing-index",
  title: "An index is missing in MySQL",
  vocabulary: ["slow query log", "full table scan", "missing index", "Rows_examined", "type: ALL", "explain"],
  appliesTo: ["slow-queries", "cache-misses"],
  cause: "Statements read a whole table for a few rows: {candidate}.",
  prior: 4_100,
  checks: [
    isEngine("mysql"),
    {
      id: "candidate",
      question: "Do costly statements filter by a column without an index?",
      observe: "index-candidate",
      expect: { some: true },
      weight: 3_800,
      against: 5_000,
      discriminates: ["mysql-cache-too-small"],
    },
    nobodyBlocks({ weight: 700, against: 2_500 }),
    ...makeMysqlIndex.checks,
  ],
  fixes: [
    ...makeMysqlIndex.fixes,
    human("Make the index in a quiet hour, and look whether it helps: {candidate.advice}"),
  ],
});

export const mysqlStaleStatistics = playbook({
  id: "mysql-stale-statistics",
  title: "The statistics with which MySQL plans are old",
  vocabulary: [
    "bad plan",
    "analyze table",
    "cardinality",
    "innodb_stats_auto_recalc",
    "slow after bulk load",
  ],
  appliesTo: ["stale-statistics", "slow-queries"],
  cause: "It plans by what its tables held before: {stale}; {recalculates}.",
  prior: 3_600,
  checks: [
    isEngine("mysql"),
    {
      id: "stale",
      question: "Has most of a table changed since?",
      observe: "mysql-stale-table",
      expect: { atLeast: 0.9 },
      weight: 3_000,
      against: 5_000,
      discriminates: ["mysql-missing-index", "mysql-cache-too-small"],
    },
    {
      id: "recalculates",
      question: "Are they made anew by themselves?",
      observe: "mysql-recalculates",
      expect: { is: false },
      weight: 900,
      against: 1_500,
    },
    noIndexMissing("mysql", { weight: 700, against: 1_500 }),
    nobodyBlocks({ weight: 400, against: 2_500 }),
    ...analyzeMysqlTable.checks,
  ],
  fixes: [
    ...analyzeMysqlTable.fixes,
    human("Make them anew, and let InnoDB do so (STATS_AUTO_RECALC=1): {stale.advice}"),
  ],
});

export const mysqlEventsOff = playbook({
  id: "mysql-events-off",
  title: "The event scheduler of MySQL is off",
  vocabulary: ["event_scheduler", "scheduled event", "CREATE EVENT", "job did not run"],
  appliesTo: ["events-off"],
  cause: "Events are enabled, but nobody runs them: {scheduler}.",
  prior: 4_600,
  checks: [
    isEngine("mysql"),
    {
      id: "scheduler",
      question: "Is the event scheduler off?",
      observe: "database-setting",
      params: { name: "event_scheduler" },
      expect: { isNot: "ON" },
      weight: 4_100,
      against: 9_000,
      discriminates: ["mysql-bad-setting"],
    },
    ...switchEventsOn.checks,
  ],
  fixes: [
    ...switchEventsOn.fixes,
    human("Switch it on, and in the configuration file too: SET GLOBAL event_scheduler = ON;"),
  ],
});
