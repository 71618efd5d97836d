// Something that counts up in a database is near its end: keys, or PostgreSQL's transaction ids.
import type { Playbook } from "../../domain/playbook.ts";
import { human, playbook } from "./common-checks.ts";
import { isEngine, names } from "./database-checks.ts";
import { widenSequence } from "./postgres-fixes.ts";

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

export const postgresTransactionIds = playbook({
  id: "postgres-transaction-ids",
  title: "PostgreSQL runs out of transaction ids",
  vocabulary: [
    "wraparound",
    "must be vacuumed within",
    "datfrozenxid",
    "age(relfrozenxid)",
    "database is not accepting commands",
  ],
  appliesTo: ["transaction-ids"],
  cause: "Old rows were not frozen: {age} in {database}; {autovacuum}.",
  prior: 4_300,
  checks: [
    isEngine("postgres"),
    {
      id: "age",
      question: "Are many of the transaction ids used up?",
      observe: "database-number",
      params: { name: "transaction-id-share" },
      expect: { atLeast: 0.3 },
      weight: 3_800,
      against: 8_000,
      discriminates: ["postgres-sequence-end", "postgres-vacuum-overdue"],
    },
    {
      id: "database",
      question: "In which database?",
      observe: "database-word",
      params: { name: "transaction-id-database" },
      expect: { some: true },
      weight: 400,
    },
    {
      id: "autovacuum",
      question: "Is autovacuum switched off?",
      observe: "database-setting",
      params: { name: "autovacuum" },
      expect: { is: "off" },
      weight: 400,
    },
  ],
  fixes: [
    human(
      "Freeze it now, in that database and as its owner: VACUUM (FREEZE, VERBOSE); and find what keeps autovacuum from it",
    ),
  ],
});
