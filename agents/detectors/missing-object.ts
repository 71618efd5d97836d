// Missing object: lines say again and again that a table or a column is not there. Whether that is so, the diagnosis
// asks the database itself.
import type { Detector } from "../detector.ts";
import { missingObjectIn } from "../missing-object.ts";
import { makeFinding } from "./make-finding.ts";
import { recent, within } from "./recent.ts";

const WINDOW_MS = 120_000;
const FEWEST = 3;

export const missingObject: Detector = (view) => {
  const named = within(recent(view).lines, view, WINDOW_MS).flatMap((line) => {
    const object = ["warn", "error", "fatal", "unknown"].includes(line.level)
      ? missingObjectIn(line.text)
      : undefined;
    return object === undefined ? [] : [{ line, object }];
  });
  const groups = Map.groupBy(named, ({ object }) => `${object.kind} ${object.table ?? ""} ${object.name}`);
  return [...groups.values()]
    .filter((group) => group.length >= FEWEST)
    .toSorted((a, b) => b.length - a.length)
    .slice(0, 3)
    .flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { kind, name, table } = first.object;
      return [
        makeFinding(view, {
          kind: "missing-object",
          since: first.line.at,
          severity: "critical",
          summary: `The log says ${group.length} times that the ${kind} ${name}${table === undefined ? "" : ` of ${table}`} does not exist.`,
          facts: { object: kind, name, table: table ?? null, count: group.length },
          signals: group.map(({ line }) => line),
          variant: `${kind} ${table ?? ""} ${name}`,
        }),
      ];
    });
};
