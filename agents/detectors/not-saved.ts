// Not saved: Redis could not write its snapshot or its append-only file. It then refuses writes (MISCONF), and what it
// holds would be lost with it.
import type { Finding } from "../../domain/finding.ts";
import type { Detector, View } from "../detector.ts";
import { type DatabaseView, databaseView } from "./database-view.ts";
import { makeFinding } from "./make-finding.ts";

const WINDOW_MS = 10 * 60_000;

export const notSaved: Detector = (view) => {
  const database = databaseView(view);
  if (database === undefined) return [];
  const failed = (["snapshot", "append-only"] as const).filter((name) => database.word(name) === "err");
  if (failed.length === 0) return database.word("append-only") === "grows" ? [growing(view, database)] : [];
  const refused = database.rise("refused-saves", WINDOW_MS) ?? database.number("refused-saves") ?? 0;
  const what = failed
    .map((one) => (one === "snapshot" ? "its snapshot" : "its append-only file"))
    .join(" and ");
  return [
    makeFinding(view, {
      kind: "not-saved",
      since: database.looks.find((one) => failed.some((name) => one.words[name] === "err"))?.at ?? view.now,
      severity: "critical",
      summary: `${view.service.name} could not write ${what}${refused > 0 ? `, and refused ${refused} commands for that` : ""}.`,
      facts: { failed: failed.join(", "), refused },
      signals: database.looks.slice(-3),
      variant: failed.join(", "),
    }),
  ];
};

/** Nothing is refused and nothing lost, until the disk is full or a start takes hours. */
function growing(view: View, database: DatabaseView): Finding {
  return makeFinding(view, {
    kind: "not-saved",
    since: database.looks.find((one) => one.words["append-only"] === "grows")?.at ?? view.now,
    severity: "warning",
    summary: `${view.service.name} could not write its append-only file anew, which grows until it can.`,
    facts: { failed: "append-only", refused: 0 },
    signals: database.looks.slice(-3),
    variant: "append-only grows",
  });
}
