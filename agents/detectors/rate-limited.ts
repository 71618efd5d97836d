// Rate limited: somebody whom this service calls refuses its calls because they come too fast. The lines are the
// client's own; a service that refuses others (429 in its access log) is well.
import type { LogSignal } from "../../domain/signal.ts";
import type { LogMatch } from "../../signals/log-patterns.ts";
import type { Detector } from "../detector.ts";
import { patternOf, requestOf } from "./line-reading.ts";
import { makeFinding, seconds } from "./make-finding.ts";
import { recent, within } from "./recent.ts";

const WINDOW_MS = 60_000;
const LATEST_MS = 20_000;
const FEWEST = 3;

export const rateLimited: Detector = (view) => {
  const { running, lines } = recent(view);
  if (running === false) return [];
  const refusals = within(lines, view, WINDOW_MS).flatMap((line) => {
    const match = refusalIn(line);
    return match ? [{ line, match }] : [];
  });
  const last = refusals.at(-1);
  if (refusals.length < FEWEST || last === undefined || view.now - last.line.at > LATEST_MS) return [];
  const { host, port } = refusals.findLast((one) => one.match.host !== undefined)?.match ?? {};
  const who = host === undefined ? "an upstream" : `${host}${port === undefined ? "" : `:${port}`}`;
  return [
    makeFinding(view, {
      kind: "rate-limited",
      since: refusals[0]?.line.at ?? view.now,
      severity: "warning",
      summary: `${who} refused ${refusals.length} calls of ${view.service.name} in ${seconds(WINDOW_MS)} as too many.`,
      facts: { host: host ?? null, port: port ?? null, count: refusals.length, line: last.match.headline },
      signals: refusals.map((one) => one.line),
      variant: host ?? "",
    }),
  ];
};

/** Clients often log a refusal as a warning: they will try again. */
function refusalIn(line: LogSignal): LogMatch | undefined {
  if (line.level === "debug" || line.level === "info") return undefined;
  const match = patternOf(line);
  if (match?.pattern !== "rate-limit" || (line.level === "unknown" && !match.strong)) return undefined;
  return requestOf(line) === undefined ? match : undefined;
}
