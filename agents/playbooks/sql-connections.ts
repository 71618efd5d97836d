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

/** Who is not let in sees no session: then only somebody with a place of their own can look. */
const refusesUs = {
  id: "refuses-us",
  question: "Has it no place for opsmedic either?",
  observe: "probe-now",
  expect: { is: "too-many-connections" },
  weight: 0,
};

const lookInside: Record<Engine, string> = {
  postgres:
    "Look who holds its places, as a superuser, for whom some are kept: SELECT usename, application_name, client_addr, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC; end what nobody uses. So that opsmedic gets in the next time: let it serve all the time (it keeps its connection), or from 16 on GRANT pg_use_reserved_connections",
  mysql:
    "Look who holds its places, as an administrator, for whom one is kept: SELECT user, command, count(*) FROM information_schema.processlist GROUP BY 1, 2 ORDER BY 3 DESC; end what nobody uses. So that opsmedic gets in the next time: let it serve all the time (it keeps its connection)",
};

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
      refusesUs,
      ...endLeakOf[engine].checks,
    ],
    fixes: [
      ...endLeakOf[engine].fixes,
      {
        ...human(
          "End the sessions that {leak.client} does not use, and let it close its connections: {leak.advice}",
        ),
        needs: ["leak"],
      },
      { ...human(lookInside[engine]), needs: ["refuses-us"], id: "look-inside" },
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
