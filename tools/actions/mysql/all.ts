// Every action on the inside of MySQL and MariaDB.
import type { Action } from "../../action.ts";
import { checked } from "../checked.ts";
import { mysqlAnalyze } from "./analyze.ts";
import { mysqlCreateIndex } from "./create-index.ts";
import { mysqlDropIndex } from "./drop-index.ts";
import { mysqlEndBlocker } from "./end-blocker.ts";
import { mysqlEndSessions } from "./end-sessions.ts";
import { mysqlSetSetting } from "./set-setting.ts";
import { mysqlWriteAgain } from "./write-again.ts";

export const mysqlActions: readonly Action[] = [
  checked(mysqlAnalyze),
  checked(mysqlCreateIndex),
  checked(mysqlDropIndex),
  checked(mysqlEndBlocker),
  checked(mysqlEndSessions),
  checked(mysqlSetSetting),
  checked(mysqlWriteAgain),
];
