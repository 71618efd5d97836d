// The database server itself: its cache, its settings, its replication.
import type { Playbook } from "../../domain/playbook.ts";
import { human, playbook } from "./common-checks.ts";
import { isEngine, names, noIndexMissing } from "./database-checks.ts";
import { setMysqlSetting } from "./mysql-fixes.ts";
import { setSetting } from "./postgres-fixes.ts";
import type { CheckDraft } from "./repair.ts";

type Engine = "postgres" | "mysql";

const setSettingOf = { postgres: setSetting, mysql: setMysqlSetting };

export const cacheTooSmall = (engine: Engine): Playbook =>
  playbook({
    id: `${engine}-cache-too-small`,
    title: `The cache of ${names[engine]} is too small for its data`,
    vocabulary: [
      "cache hit ratio",
      "shared_buffers",
      "innodb_buffer_pool_size",
      "buffer pool",
      "disk reads",
      "IO wait",
    ],
    appliesTo: ["cache-misses"],
    cause: "What it reads does not fit into its cache: {rate}; {size}.",
    prior: 3_600,
    checks: [
      isEngine(engine),
      {
        id: "rate",
        question: "Does it read much from disk just now?",
        observe: "cache-hit-rate",
        expect: { atMost: 0.9 },
        weight: 2_000,
        against: 5_000,
      },
      {
        id: "size",
        question: "Is its data larger than its cache?",
        observe: "data-per-cache",
        expect: { atLeast: 2 },
        weight: 2_500,
        against: 5_000,
        discriminates: [`${engine}-missing-index`],
      },
      noIndexMissing(engine, { weight: 800, against: 2_500 }),
    ],
    fixes: [human("Give it more: {size.advice} (takes a restart, and as much free memory)")],
  });

export const badSetting = (engine: Engine): Playbook =>
  playbook({
    id: `${engine}-bad-setting`,
    title: `A setting of ${names[engine]} endangers it`,
    vocabulary: [
      "configuration",
      "fsync",
      "autovacuum off",
      "durability",
      "parameter",
      "innodb_flush_log_at_trx_commit",
    ],
    appliesTo: ["bad-setting"],
    cause: "It runs with a setting that is known to hurt: {setting}.",
    prior: 4_600,
    checks: [
      isEngine(engine),
      {
        id: "setting",
        question: "Is a setting in force that is known to hurt?",
        observe: "bad-database-setting",
        expect: { some: true },
        weight: 4_200,
        against: 8_000,
        discriminates: [`${engine}-cache-too-small`],
      },
      ...setSettingOf[engine].checks,
    ],
    fixes: [...setSettingOf[engine].fixes, human("Put {setting} right: {setting.advice}")],
  });

export const replicationError: CheckDraft = {
  id: "error",
  question: "Does it say why?",
  observe: "mysql-replication-error",
  expect: { some: true },
  weight: 0,
};

const link = (expected: "is" | "isNot", weight: number, discriminates: string[]) => ({
  id: "link",
  question: expected === "is" ? "Is its link to the primary down?" : "Has it a link to its primary?",
  observe: "database-word",
  params: { name: "link" },
  expect: expected === "is" ? { is: "down" } : { isNot: "down" },
  weight,
  against: 6_000,
  discriminates,
});

export const replicaCutOff = (engine: Engine): Playbook =>
  playbook({
    id: `${engine}-replica-cut-off`,
    title: `A replica of ${names[engine]} has lost its primary`,
    vocabulary: [
      "replication stopped",
      "could not connect to the primary",
      "wal receiver",
      "Slave_IO_Running: No",
      "standby",
    ],
    appliesTo: ["replication"],
    cause:
      engine === "mysql"
        ? "It follows nobody any more ({link}; {error})."
        : "It follows nobody any more ({link}).",
    prior: 4_500,
    checks: [
      isEngine(engine),
      link("is", 4_100, [`${engine}-replica-late`]),
      ...(engine === "mysql" ? [replicationError] : []),
    ],
    fixes: [
      human(
        "Look whether the primary answers, and what the replica's log says of it; do not promote it while the primary may live",
      ),
    ],
  });

export const replicaLate = (engine: Engine): Playbook =>
  playbook({
    id: `${engine}-replica-late`,
    title: `A replica of ${names[engine]} is far behind`,
    vocabulary: [
      "replication lag",
      "replica behind",
      "Seconds_Behind_Master",
      "stale reads",
      "replay lag",
      "replication slot",
    ],
    appliesTo: ["replication"],
    cause: "The replica cannot keep up: {lag}.",
    prior: 4_200,
    checks: [
      isEngine(engine),
      {
        id: "lag",
        question: "Is it far behind just now?",
        observe: "database-number",
        params: { name: "replication-lag-ms" },
        expect: { atLeast: 30_000 },
        weight: 3_600,
        against: 5_000,
        discriminates: [`${engine}-replica-cut-off`],
      },
      link("isNot", 900, [`${engine}-replica-cut-off`]),
    ],
    fixes: [human("Look for a long statement on the replica, and at its disk and CPU: {lag}")],
  });
