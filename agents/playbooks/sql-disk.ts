// The disk is full on which a database server writes: its data, its log, its temporary files. What its owner gives up is
// cleared; what the server itself keeps there is named to a person and never touched.
import type { Playbook } from "../../domain/playbook.ts";
import {
  clearable,
  type Draft,
  FREE_SPACE,
  human,
  logSays,
  playbook,
  REMOVABLE_CONTAINERS,
  REMOVABLE_IMAGES,
  REMOVE_CONTAINERS,
  REMOVE_IMAGES,
} from "./common-checks.ts";
import { isEngine, names } from "./database-checks.ts";
import { from } from "./repair.ts";

type Engine = "postgres" | "mysql";

const SAID = ["no space left on device", "disk full", "ENOSPC", "data directory full", "volume full"];

const saidBy: Record<Engine, string[]> = {
  postgres: [
    "could not extend file",
    "53100",
    "could not write to file pg_wal/xlogtemp",
    "PANIC",
    "pg_wal full",
    "replication slot keeps WAL",
    "archive_command failed",
  ],
  mysql: [
    "error 1021",
    "ER_DISK_FULL",
    "waiting for someone to free some space",
    "the table is full",
    "errno: 28",
    "Errcode: 28",
    "binary logs",
    "ibdata1",
  ],
};

/** It is tried out whether the server writes again. */
function proved(engine: Engine, fix: Draft["fixes"][number]): Draft["fixes"][number] {
  const proof =
    engine === "postgres"
      ? { action: "postgres-write-again", params: from("full", "tablespace") }
      : { action: "mysql-write-again" };
  return {
    ...fix,
    needs: ["full", ...(fix.needs ?? [])],
    actions: [...fix.actions, proof],
  };
}

/** What lies on another disk would not help, and stays. */
const there = { on: "database" };

export const databaseDiskFull = (engine: Engine): Playbook =>
  playbook({
    id: `${engine}-disk-full`,
    title: `The disk is full on which ${names[engine]} writes`,
    vocabulary: [...SAID, ...saidBy[engine]],
    appliesTo: ["disk", "log-errors", "error-rate", "exited", "crash-loop", "unreachable", "hung"],
    cause: "It cannot write, since there is no room: {full}. Most is taken by {takers}.",
    prior: 4_200,
    checks: [
      isEngine(engine),
      {
        id: "full",
        question: "Is a disk full that it writes to?",
        observe: "database-disk",
        expect: { atLeast: 0.95 },
        weight: 4_100,
        against: 9_000,
        discriminates: ["volume-full", "disk-full", "inodes-exhausted", "process-crash"],
      },
      logSays("disk-full", { weight: 900, against: 0 }),
      {
        id: "takers",
        question: "What takes the room?",
        observe: "database-disk-takers",
        expect: { some: true },
        weight: 0,
      },
      { ...clearable("space", 0.02), params: { of: "space", ...there } },
      { ...REMOVABLE_IMAGES, params: there },
      { ...REMOVABLE_CONTAINERS, params: there },
    ],
    predicts: [
      {
        id: "still-full",
        question: "Is it still full?",
        observe: "database-disk",
        expect: { atLeast: 0.9 },
      },
    ],
    fixes: [
      ...[REMOVE_IMAGES, FREE_SPACE, REMOVE_CONTAINERS].map((one) => proved(engine, one)),
      human(
        "Make room on {full.mount}, or enlarge it. {takers.advice}. Most is taken by {takers}; {clearable}",
      ),
    ],
  });
