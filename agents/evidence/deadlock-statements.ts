// Which statements deadlock each other, as the server itself tells them (PostgreSQL in its log, InnoDB of the last pair):
// their shapes, without a value.
import { only } from "../../domain/signal.ts";
import { tablesIn } from "../../tools/index-candidates.ts";
import { textIn } from "../../tools/row-values.ts";
import { shapeOf } from "../../tools/statement-shape.ts";
import { inspectorFor } from "./inside-database.ts";
import { type Look, type Observer, plainLine, seen, type Seen, signalsOf } from "./observer.ts";

/** PostgreSQL: "Process 123: UPDATE …" under DETAIL. */
const STATEMENT = /\bProcess \d{1,10}: ([^\n]{5,400})/g;
const MOST = 2;

/** InnoDB's monitor: what it says of the last pair, up to the next heading. */
const LATEST = /LATEST DETECTED DEADLOCK\n-{3,}\n([^]{0,30000}?)\n-{3,}\n/;
/** A statement follows the line of its thread, whatever it is about. */
const OF_THREAD = /\bquery id \d{1,20} [^\n]{0,300}\n([^]{5,2000}?)\n(?:\*{3} |RECORD LOCKS|TABLE LOCK)/g;
const ROLLED_BACK = /\*{3} WE ROLL BACK TRANSACTION \((\d{1,3})\)/;

/** The shapes that came most often, "a / b"; null: nobody tells them. */
const deadlockStatements: Observer = async (look) => {
  const mysql = await inspectorFor(look, "mysql");
  if (mysql !== undefined) {
    const [row] = await mysql.ask("show engine innodb status", [], look.signal);
    return lastPair(textIn(row, "Status") ?? "");
  }
  return ofLog(look);
};

function lastPair(status: string): Seen {
  const said = LATEST.exec(status)?.[1] ?? "";
  const shapes = [...said.matchAll(OF_THREAD)].map(([, statement = ""]) => plainLine(shapeOf(statement), 90));
  if (shapes.length === 0) return seen(null, "InnoDB tells no statements of its last deadlock");
  const lost = shapes[Number(ROLLED_BACK.exec(said)?.[1]) - 1];
  const tables = [...new Set(shapes.flatMap(tablesIn))].join(", ");
  const end = lost === undefined ? "" : `; rolled back was "${lost}"`;
  return seen(
    { value: shapes.join(" / "), statements: shapes, tables },
    plainLine(`${shapes.map((one) => `"${one}"`).join(" against ")}, on ${tables}${end}`, 400),
  );
}

function ofLog(look: Look): Seen {
  const lines = only(signalsOf(look), "log").filter((one) => one.text.includes("Process "));
  const shapes = lines.flatMap(({ text }) =>
    [...text.matchAll(STATEMENT)].map(([, said = ""]) => shapeOf(said)),
  );
  const counts = [...Map.groupBy(shapes, (one) => one)].toSorted((a, b) => b[1].length - a[1].length);
  const most = counts.slice(0, MOST).map(([shape]) => plainLine(shape, 90));
  if (most.length === 0)
    return seen(null, "the log does not name their statements (is it read? log_lock_waits says more)");
  const tables = [...new Set(most.flatMap(tablesIn))].join(", ");
  const where = tables === "" ? "" : `, on ${tables}`;
  return seen(
    { value: most.join(" / "), statements: most, tables },
    plainLine(`${most.map((one) => `"${one}"`).join(" against ")}${where}`, 300),
  );
}

export const deadlockObservers: Record<string, Observer> = { "deadlock-statements": deadlockStatements };
