// Checks that several playbooks of databases ask in the same words.
import type { DatabaseEngine } from "../../domain/database.ts";
import type { Check } from "../../domain/playbook.ts";
import type { Draft } from "./common-checks.ts";

type CheckDraft = Draft["checks"][number];
type Weights = Pick<Check, "weight" | "against"> & { discriminates?: string[] };

/** What is no database of this engine cannot have the cause: nothing that is said of it counts. */
export const isEngine = (engine: DatabaseEngine): CheckDraft => ({
  id: "engine",
  question: `Is it ${names[engine]}?`,
  observe: "database-engine",
  expect: { is: engine },
  weight: 300,
  against: 10_000,
});

export const names: Record<DatabaseEngine, string> = {
  postgres: "PostgreSQL",
  mysql: "MySQL or MariaDB",
  redis: "Redis",
};

export const nobodyBlocks = (weights: Weights): CheckDraft => ({
  id: "nobody-blocks",
  question: "Does nobody wait for another one's lock?",
  observe: "blocker-root",
  expect: { none: true },
  ...weights,
});

/** "postgres" or "mysql": the missing index is the likelier cause as long as one could be made. */
export const noIndexMissing = (engine: "postgres" | "mysql", weights: Weights): CheckDraft => ({
  id: "no-candidate",
  question: "Is there an index for what statements filter by?",
  observe: "index-candidate",
  expect: { none: true },
  ...weights,
  discriminates: [`${engine}-missing-index`],
});

export const noBigKey = (weights: Weights): CheckDraft => ({
  id: "no-big-key",
  question: "Does no single key take most of the memory?",
  observe: "redis-big-key",
  expect: { atMost: 0.5 },
  ...weights,
});

export const memoryTaken = (weights: Weights): CheckDraft => ({
  id: "memory",
  question: "Is nearly all memory taken that it may use?",
  observe: "redis-memory",
  expect: { atLeast: 0.85 },
  ...weights,
});

export const sessionsWait: CheckDraft = {
  id: "waiting",
  question: "Do sessions wait for a lock just now?",
  observe: "database-number",
  params: { name: "blocked" },
  expect: { atLeast: 1 },
  weight: 1_000,
  against: 6_000,
};

/** MySQL's, at the root of the waiting: "metadata lock" (of a table), "row", "global lock" (of all tables). */
export const lockKind = (expected: string, rival: string): CheckDraft => ({
  id: "kind",
  question: `Do most of them wait for a lock of kind ${expected}?`,
  observe: "lock-kind",
  expect: { is: expected },
  weight: 3_200,
  against: 6_000,
  discriminates: [rival],
});
