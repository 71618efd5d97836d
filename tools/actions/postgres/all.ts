// The repairs of PostgreSQL.
import type { Action } from "../../action.ts";
import { checked } from "../checked.ts";
import { postgresCreateIndex } from "./create-index.ts";
import { postgresDropIndex } from "./drop-index.ts";
import { postgresEndBlocker } from "./end-blocker.ts";
import { postgresEndSessions } from "./end-sessions.ts";
import { postgresFreeze } from "./freeze.ts";
import { postgresMakeTable } from "./make-table.ts";
import { postgresAnalyze, postgresVacuum } from "./maintain-table.ts";
import { postgresRunMigration } from "./run-migration.ts";
import { postgresSetSetting } from "./set-setting.ts";
import { postgresWidenSequence } from "./widen-sequence.ts";
import { postgresWriteAgain } from "./write-again.ts";

export const postgresActions: readonly Action[] = [
  checked(postgresEndSessions),
  checked(postgresEndBlocker),
  checked(postgresSetSetting),
  checked(postgresAnalyze),
  checked(postgresVacuum),
  checked(postgresFreeze),
  checked(postgresCreateIndex),
  checked(postgresDropIndex),
  checked(postgresWidenSequence),
  checked(postgresWriteAgain),
  checked(postgresRunMigration),
  checked(postgresMakeTable),
];
