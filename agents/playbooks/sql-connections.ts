// All connections of a database are taken: by one client that does not use its own, or by real work. Told apart by who
// holds them and what they do.
import type { Playbook } from "../../domain/playbook.ts";
import { human, playbook } from "./common-checks.ts";
import { isEngine, names, nobodyBlocks } from "./database-checks.ts";
import { endMysqlLeak, moreMysqlConnections } from "./mysql-fixes.ts";
import { endLeak } from "./postgres-fixes.ts";

const endLeakOf = { postgres: endLeak, mysql: endMysqlLeak };

const SAID = [
  "too many connections",
  "too many clients already",
  "remaining connection slots",
  "connection pool",
];

type Engine = "postgres" | "mysql";

const full = {
  id: "full",
  question: "Are nearly all connections taken?",
  observe: "connections-used",
  expect: { atLeast: 0.8 },
  weight: 1_200,
  against: 3_000,
};

export const connectionsLeaked = (engine: Engine): Playbook =>
  playbook({
    id: `${engine}-connections-leaked`,
    title: `A client leaks connections of ${names[engine]}`,
    vocabulary: [...SAID, "idle in transaction", "connection leak", "sleeping connections", "1040", "53300"],
    appliesTo: ["connections"],
    cause: "{leak}. {full}.",
    prior: 3_500,
    checks: [
      isEngine(engine),
      full,
      {
        id: "leak",
        question: "Does one client hold many connections without using them?",
        observe: "leaking-client",
        expect: { atLeast: 0.4 },
        weight: 3_000,
        against: 6_000,
        discriminates: [`${engine}-connections-load`],
      },
      {
        id: "idle",
        question: "Do few of the sessions work?",
        observe: "active-share",
        expect: { atMost: 0.3 },
        weight: 900,
        against: 2_000,
        discriminates: [`${engine}-connections-load`],
      },
      ...endLeakOf[engine].checks,
    ],
    fixes: [
      ...endLeakOf[engine].fixes,
      human(
        "End the sessions that {leak.client} does not use, and let it close its connections: {leak.advice}",
      ),
    ],
  });

export const connectionsLoad = (engine: Engine): Playbook =>
  playbook({
    id: `${engine}-connections-load`,
    title: `${names[engine]} has more work than connections`,
    vocabulary: [...SAID, "max_connections", "pool size", "traffic", "overload", "pgbouncer", "proxysql"],
    appliesTo: ["connections"],
    cause: "Its connections are at work, not lost ({working}). {full}.",
    prior: 3_400,
    checks: [
      isEngine(engine),
      full,
      {
        id: "no-leak",
        question: "Does no client hold many connections without using them?",
        observe: "leaking-client",
        expect: { atMost: 0.2 },
        weight: 1_600,
        against: 5_000,
        discriminates: [`${engine}-connections-leaked`],
      },
      {
        id: "working",
        question: "Do most of the sessions work?",
        observe: "active-share",
        expect: { atLeast: 0.5 },
        weight: 2_200,
        against: 4_000,
        discriminates: [`${engine}-connections-leaked`],
      },
      nobodyBlocks({ weight: 300, against: 4_000 }),
      ...(engine === "mysql" ? moreMysqlConnections.checks : []),
    ],
    fixes: [
      ...(engine === "mysql" ? moreMysqlConnections.fixes : []),
      human(
        "Put a pooler before it or make the clients' pools smaller; more connections only with more memory ({full})",
      ),
    ],
  });
