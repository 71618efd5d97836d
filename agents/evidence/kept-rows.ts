// Whether what keeps PostgreSQL's dead rows from being removed is a transaction that somebody has forgotten, and may end.
import { keepersOfRows } from "../../tools/actions/postgres/unused-sessions.ts";
import { inspectorFor } from "./inside-database.ts";
import { type Observer, plainLine, seen, unseen } from "./observer.ts";

/** How many forgotten transactions of one client do so, with nothing else that would keep those rows after them. */
const endableKeeper: Observer = async (look) => {
  const inspector = await inspectorFor(look, "postgres");
  const { database } = look.scene.service;
  if (inspector === undefined || database?.kind !== "postgres") return unseen("it is not PostgreSQL");
  const found = await keepersOfRows((sql, values) => inspector.ask(sql, values, look.signal), database);
  if (found === undefined)
    return seen(
      { value: 0 },
      "no forgotten transaction alone keeps them: who is at work, protected, or no client, is left alone",
    );
  const { role, client, address, only } = found;
  const who = plainLine(client || role, 80);
  return seen(
    { value: only.length, role, client, address, only: only.map((one) => ({ ...one })) },
    `${only.length} forgotten transactions of ${who} keep them, and nothing else does`,
  );
};

export const keptRowsObservers: Record<string, Observer> = { "endable-row-keeper": endableKeeper };
