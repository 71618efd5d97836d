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
