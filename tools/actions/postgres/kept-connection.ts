// The connection to PostgreSQL that the looks keep open: a full server has no place for another one.
import { HealError } from "../../../domain/errors.ts";
import type { ActionContext } from "../../action.ts";
import { needPostgres } from "./connection.ts";
import type { Ask } from "./unused-sessions.ts";

/**
 * Statements of ours over the connection of the looks, in a transaction that cannot write (ending a session is none).
 * HealError "database-not-reached" where none is kept and the server is full.
 */
export function keptConnection(context: ActionContext): Ask {
  const { databases, signal } = context;
  const database = needPostgres(context);
  return async (sql, values) => {
    const inspector = await databases?.of(database);
    if (inspector?.engine === "postgres") return inspector.ask(sql, values, signal);
    throw new HealError("nobody looks into databases here, so no connection is kept to it", {
      code: "no-database",
    });
  };
}
