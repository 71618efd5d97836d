// Which statements deadlock each other, as the server's own log tells them: their shapes, without a value.
import { only } from "../../domain/signal.ts";
import { tablesIn } from "../../tools/index-candidates.ts";
import { type Observer, plainLine, seen, signalsOf } from "./observer.ts";

/** PostgreSQL: "Process 123: UPDATE …" under DETAIL. */
const STATEMENT = /\bProcess \d{1,10}: ([^\n]{5,400})/g;
const MOST = 2;

/** The shapes that came most often, "a / b"; null: the log is not read, or names none. */
const deadlockStatements: Observer = (look) => {
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
};

export const deadlockObservers: Record<string, Observer> = { "deadlock-statements": deadlockStatements };

/** Values are somebody's data, and differ each time. */
function shapeOf(statement: string): string {
  return statement
    .replaceAll(/'(?:[^']|'')*'?/g, "?")
    .replaceAll(/\b\d+(?:\.\d+)?\b/g, "?")
    .replaceAll(/\s+/g, " ")
    .trim();
}
