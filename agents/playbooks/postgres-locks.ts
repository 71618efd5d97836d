// Sessions of PostgreSQL wait for a lock. Whoever holds it has gone away in the middle of a transaction, or works; or
// several take the same rows in different orders.
import { human, playbook } from "./common-checks.ts";
import { isEngine } from "./database-checks.ts";
import { endBlocker } from "./postgres-fixes.ts";

const waiting = {
  id: "waiting",
  question: "Do sessions wait for a lock just now?",
  observe: "database-number",
  params: { name: "blocked" },
  expect: { atLeast: 1 },
  weight: 1_000,
  against: 6_000,
};

const long = {
  id: "long",
  question: "For longer than locks are held in passing?",
  observe: "database-number",
  params: { name: "blocked-ms" },
  expect: { atLeast: 3_000 },
  weight: 500,
  against: 800,
};

export const postgresIdleBlocker = playbook({
  id: "postgres-idle-blocker",
  title: "A forgotten transaction holds a lock of PostgreSQL",
  vocabulary: [
    "lock",
    "blocked",
    "idle in transaction",
    "canceling statement due to lock timeout",
    "55P03",
    "hanging migration",
  ],
  appliesTo: ["blocked-sessions", "connections"],
  cause: "A client has opened a transaction and gone away: {root}.",
  prior: 3_800,
  checks: [
    isEngine("postgres"),
    waiting,
    long,
    {
      id: "root",
      question: "Does whoever holds the lock do nothing?",
      observe: "blocker-root",
      expect: { is: "idle-in-transaction" },
      weight: 3_400,
      against: 6_000,
      discriminates: ["postgres-active-blocker", "postgres-connections-load", "postgres-deadlocks"],
    },
    ...endBlocker.checks,
  ],
  fixes: [
    ...endBlocker.fixes,
    human("End it, and set idle_in_transaction_session_timeout for the role {root.role}: {root.advice}"),
  ],
});

export const postgresActiveBlocker = playbook({
  id: "postgres-active-blocker",
  title: "A long statement holds a lock of PostgreSQL",
  vocabulary: ["lock", "blocked", "long running transaction", "ALTER TABLE", "migration", "access exclusive"],
  appliesTo: ["blocked-sessions", "connections"],
  cause: "A statement that still runs holds the lock: {root}.",
  prior: 3_700,
  checks: [
    isEngine("postgres"),
    waiting,
    long,
    {
      id: "root",
      question: "Does whoever holds the lock work?",
      observe: "blocker-root",
      expect: { is: "active" },
      weight: 3_400,
      against: 6_000,
      discriminates: ["postgres-idle-blocker", "postgres-connections-load"],
    },
  ],
  fixes: [
    human(
      "Decide whether {root.client} may finish; to take its statement back: SELECT pg_cancel_backend({root.id}); and set lock_timeout for migrations",
    ),
  ],
});

/** Roots that no repair may end: whose end is somebody else's to decide, or that end by themselves. */
const heldBy = (root: "prepared" | "autovacuum" | "idle", question: string) => ({
  appliesTo: ["blocked-sessions" as const, "connections" as const],
  checks: [
    isEngine("postgres"),
    waiting,
    long,
    {
      id: "root",
      question,
      observe: "blocker-root",
      expect: { is: root },
      weight: 3_600,
      against: 6_000,
      discriminates: ["postgres-idle-blocker", "postgres-active-blocker", "postgres-connections-load"],
    },
  ],
});

export const postgresPreparedBlocker = playbook({
  id: "postgres-prepared-blocker",
  title: "A prepared transaction holds a lock of PostgreSQL",
  vocabulary: [
    "prepared transaction",
    "two-phase commit",
    "2PC",
    "XA",
    "PREPARE TRANSACTION",
    "pg_prepared_xacts",
    "in-doubt transaction",
  ],
  cause: "A transaction was prepared and never ended: {root}.",
  prior: 3_600,
  ...heldBy("prepared", "Does a prepared transaction hold the lock?"),
  fixes: [
    human(
      "Ask its transaction manager what became of the rest of it, then end it as that says, in its database and as its role: {root.advice}",
    ),
  ],
});

export const postgresAutovacuumBlocker = playbook({
  id: "postgres-autovacuum-blocker",
  title: "An autovacuum of PostgreSQL that may not give way holds a lock",
  vocabulary: ["autovacuum", "to prevent wraparound", "ALTER TABLE waits", "ShareUpdateExclusiveLock"],
  cause:
    "An autovacuum that freezes old rows gives way to nobody, and whoever changes the table waits for it: {root}.",
  prior: 3_600,
  ...heldBy("autovacuum", "Does an autovacuum hold the lock?"),
  fixes: [
    human(
      "Let it end (pg_stat_progress_vacuum says how far it is), and take back the change of the table that waits for it, behind which all others wait: pg_cancel_backend of that one; make such changes with lock_timeout. Ended, it begins anew",
    ),
  ],
});

export const postgresAdvisoryBlocker = playbook({
  id: "postgres-advisory-blocker",
  title: "A session of PostgreSQL that does nothing keeps an advisory lock",
  vocabulary: ["advisory lock", "pg_advisory_lock", "leader election", "migration lock"],
  cause: "A session keeps a lock of its program's own beyond its transaction: {root}.",
  prior: 3_600,
  ...heldBy("idle", "Does whoever holds the lock idle outside a transaction?"),
  fixes: [
    human(
      "Ask {root.client} whether it still leads, migrates or whatever that lock is for; where its program is gone: {root.advice}",
    ),
  ],
});

export const postgresDeadlocks = playbook({
  id: "postgres-deadlocks",
  title: "Transactions of PostgreSQL deadlock each other",
  vocabulary: ["deadlock detected", "40P01", "deadlock", "process waits for ShareLock"],
  appliesTo: ["deadlocks"],
  cause: "Transactions take the same rows in different orders: {storm}.",
  prior: 4_200,
  checks: [
    isEngine("postgres"),
    {
      id: "storm",
      question: "Were there several deadlocks in the last minutes?",
      observe: "database-rise",
      params: { name: "deadlocks" },
      expect: { atLeast: 3 },
      weight: 3_400,
      against: 6_000,
      discriminates: ["postgres-idle-blocker", "postgres-active-blocker"],
    },
    {
      id: "no-idle-root",
      question: "Does nobody hold a lock and do nothing?",
      observe: "blocker-root",
      expect: { isNot: "idle-in-transaction" },
      weight: 1_000,
      against: 3_000,
      discriminates: ["postgres-idle-blocker"],
    },
    {
      id: "pattern",
      question: "Does the log name the statements?",
      observe: "deadlock-statements",
      expect: { some: true },
      weight: 0,
    },
  ],
  fixes: [
    human(
      "Let every transaction take its rows in one order (ORDER BY the key, FOR UPDATE), and try again on SQLSTATE 40P01, where the other one's statement has won: {pattern}",
    ),
  ],
});
