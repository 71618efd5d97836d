// Metric absent: a number that came with every look no longer comes, though the service runs and whatever it is read
// from says that all is well. Only told: it says neither why nor what would help.
import { only } from "../../domain/signal.ts";
import type { Absence } from "../metric-watch.ts";
import type { Detector, View } from "../detector.ts";
import { makeFinding } from "./make-finding.ts";
import { recent } from "./recent.ts";
import { span } from "./time-left.ts";

/** No answer has no latency, no request has no error rate: their checks and request rates say what is to be said. */
const nowAndThen: ReadonlySet<string> = new Set(["latency", "error-rate"]);
const NAMED = 3;
const LISTED = 20;

export const metricAbsent: Detector = (view) => {
  const { running, state, since } = recent(view);
  if (running === false || state?.stoppedByOperator || isBlind(view)) return [];
  // What an earlier instance sent, this one need not send.
  const absent = view.absences.filter((one) => !nowAndThen.has(one.name) && one.lastAt >= since);
  const longest = absent.toSorted((a, b) => b.silentMs - a.silentMs);
  if (longest.length === 0) return [];
  const others = longest[0]?.others ?? 0;
  const said = longest.slice(0, NAMED).map((one) => `${nameOf(one)} for ${span(one.silentMs / 1_000)}`);
  const more = longest.length > NAMED ? ` and ${longest.length - NAMED} more` : "";
  return [
    makeFinding(view, {
      kind: "metric-absent",
      since: Math.min(...longest.map((one) => one.lastAt)),
      severity: others === 0 ? "warning" : "info",
      summary: `Came regularly of ${view.service.name} and no longer comes: ${said.join(", ")}${more}.`,
      facts: {
        series: longest.slice(0, LISTED).map((one) => nameOf(one)),
        silentMs: longest[0]?.silentMs ?? null,
        others,
      },
      signals: [],
      words: longest.map(nameOf).toSorted().join(" "),
    }),
  ];
};

/** What cannot be read is told as "source-down". */
function isBlind(view: View): boolean {
  const latest = new Map(only(view.signals, "source").map((one) => [one.source, one]));
  return [...latest.values()].some((one) => !one.ok && !one.source.startsWith("log "));
}

function nameOf({ name, measuredOn }: Absence): string {
  return measuredOn === "service" ? name : `${name} (${measuredOn})`;
}
