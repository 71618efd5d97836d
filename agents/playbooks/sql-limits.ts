// Something that counts up in a database is near its end: keys, or PostgreSQL's transaction ids.
import type { Playbook } from "../../domain/playbook.ts";
import { type Draft, human, playbook } from "./common-checks.ts";
import { isEngine, names } from "./database-checks.ts";
import { freeze, widenSequence } from "./postgres-fixes.ts";

export const sequenceEnd = (engine: "postgres" | "mysql"): Playbook =>
  playbook({
    id: `${engine}-sequence-end`,
    title: `A key of ${names[engine]} runs out of numbers`,
    vocabulary: [
      "sequence",
      "auto_increment",
      "integer out of range",
      "nextval: reached maximum value",
      "serial",
      "2147483647",
      "duplicate entry",
    ],
    appliesTo: ["sequence-end"],
    cause: "The numbers of a key are nearly used up: {sequence}.",
    prior: 4_600,
    checks: [
      isEngine(engine),
      {
        id: "sequence",
        question: "Is a sequence near its end?",
        observe: "nearest-sequence",
        expect: { atLeast: 0.8 },
        weight: 4_200,
        against: 8_000,
        discriminates: [engine === "postgres" ? "postgres-transaction-ids" : "mysql-bad-setting"],
      },
      ...(engine === "postgres" ? widenSequence.checks : []),
    ],
    fixes: [
      ...(engine === "postgres" ? widenSequence.fixes : []),
      human("Make the column wider before the numbers end (this rewrites the table): {sequence.advice}"),
    ],
  });

const WORDS = [
  "wraparound",
  "must be vacuumed within",
  "datfrozenxid",
  "age(relfrozenxid)",
  "database is not accepting commands",
];

const age = (discriminates: string[]): Draft["checks"][number] => ({
  id: "age",
  question: "Are many of the transaction ids used up?",
  observe: "database-number",
  params: { name: "transaction-id-share" },
  expect: { atLeast: 0.3 },
  weight: 3_800,
  against: 8_000,
  discriminates,
});

const database: Draft["checks"][number] = {
  id: "database",
  question: "In which database?",
  observe: "database-word",
  params: { name: "transaction-id-database" },
  expect: { some: true },
  weight: 400,
};

export const postgresTransactionIds = playbook({
  id: "postgres-transaction-ids",
  title: "PostgreSQL runs out of transaction ids",
  vocabulary: WORDS,
  appliesTo: ["transaction-ids"],
  cause: "Old rows were not frozen: {age} in {database}; {autovacuum}.",
  prior: 4_300,
  checks: [
    isEngine("postgres"),
    age(["postgres-sequence-end", "postgres-vacuum-overdue"]),
    database,
    {
      id: "not-held",
      question: "Does nothing keep a vacuum from freezing them?",
      observe: "freeze-held-by",
      expect: { none: true },
      weight: 200,
      against: 6_000,
      discriminates: ["postgres-freeze-held-back"],
    },
    {
      id: "autovacuum",
      question: "Is autovacuum switched off?",
      observe: "database-setting",
      params: { name: "autovacuum" },
      expect: { is: "off" },
      weight: 400,
    },
    ...freeze.checks,
  ],
  fixes: [
    ...freeze.fixes,
    human(
      "Unless an autovacuum is at it, freeze it now, in that database and as its owner: VACUUM (FREEZE, VERBOSE); and find what keeps autovacuum from it ({freezable})",
    ),
  ],
});

export const postgresFreezeHeldBack = playbook({
  id: "postgres-freeze-held-back",
  title: "Something keeps PostgreSQL from freezing old rows",
  vocabulary: [...WORDS, "oldest xmin", "replication slot", "prepared transaction"],
  appliesTo: ["transaction-ids"],
  cause: "Vacuum comes, but may freeze nothing old in {database}: {held}.",
  prior: 4_300,
  checks: [
    isEngine("postgres"),
    { ...age([]), weight: 600 },
    database,
    {
      id: "held",
      question: "Has something looked on since long ago?",
      observe: "freeze-held-by",
      expect: { some: true },
      weight: 3_600,
      against: 8_000,
      discriminates: ["postgres-transaction-ids"],
    },
  ],
  fixes: [human("End what holds it, then freeze: {held.advice}")],
});
