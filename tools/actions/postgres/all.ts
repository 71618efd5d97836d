// The repairs of PostgreSQL.
import type { Action } from "../../action.ts";
import { checked } from "../checked.ts";
import { postgresEndBlocker } from "./end-blocker.ts";
import { postgresEndSessions } from "./end-sessions.ts";

export const postgresActions: readonly Action[] = [checked(postgresEndSessions), checked(postgresEndBlocker)];
