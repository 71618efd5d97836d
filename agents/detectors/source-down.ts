// Source down: a part of what is watched cannot be read. One finding for all of them, shown and told, and never healed:
// it says nothing about the service, only that a trouble of it could go unseen.
import { only, type SourceSignal } from "../../domain/signal.ts";
import type { Detector, View } from "../detector.ts";
import { makeFinding } from "./make-finding.ts";
import { recent } from "./recent.ts";

/** Without these hardly anything can be said of a service: they count at once. */
const essential: ReadonlySet<string> = new Set(["state", "probe", "database"]);
/** Logs are asked for again after half a minute at most, and rotated meanwhile; the rest comes with every look. */
const LOG_PATIENCE_MS = 40_000;
const PATIENCE_MS = 10_000;
const NAMED = 3;
const LISTED = 20;

export const sourceDown: Detector = (view) => {
  const latest = new Map(only(view.signals, "source").map((one) => [one.source, one]));
  const down = [...latest.values()].filter((one) => !one.ok && counts(one, view));
  if (down.length === 0) return [];
  return [
    makeFinding(view, {
      kind: "source-down",
      since: Math.min(...down.map((one) => one.since)),
      severity: "warning",
      summary: summaryOf(view.service.name, down),
      facts: {
        sources: down.slice(0, LISTED).map(({ source, since, error, hint }) => ({
          source,
          since,
          error: error ?? null,
          hint: hint ?? null,
        })),
      },
      signals: down,
    }),
  ];
};

/** What does not run writes no log and has no numbers: that is no news. */
function counts({ source, since }: SourceSignal, view: View): boolean {
  if (essential.has(source)) return true;
  const { running, state } = recent(view);
  if (running === false || state?.stoppedByOperator) return false;
  return view.now - since >= (source.startsWith("log ") ? LOG_PATIENCE_MS : PATIENCE_MS);
}

function summaryOf(service: string, down: readonly SourceSignal[]): string {
  const named = down.slice(0, NAMED).map(({ source, error }) => `${source} (${error ?? "no answer"})`);
  const others = down.length > NAMED ? ` and ${down.length - NAMED} more` : "";
  const hints = [...new Set(down.flatMap((one) => one.hint ?? []))].slice(0, 1);
  return [
    `Not seen of ${service}: ${named.join(", ")}${others}.`,
    "It is tried again and again.",
    ...hints,
  ].join(" ");
}
