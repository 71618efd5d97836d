// New errors: lines of one pattern at level error, far more of them than usual, that no known kind of trouble
// explains. What they mean nobody has written down yet; that they have begun is plain.
import type { Detector } from "../detector.ts";
import { troubleOf } from "./line-reading.ts";
import { makeFinding, seconds } from "./make-finding.ts";
import { recent, within } from "./recent.ts";

const WINDOW_MS = 60_000;
/** Older than this, and the burst is over. */
const LATEST_MS = 20_000;
const FEWEST = 10;

export const newErrors: Detector = (view) => {
  const bursts = new Map(view.patterns.flatMap((one) => (one.burst ? [[one.id, one] as const] : [])));
  if (bursts.size === 0) return [];
  const unexplained = within(recent(view).lines, view, WINDOW_MS).filter(
    (line) => ["error", "fatal"].includes(line.level) && troubleOf(line) === undefined,
  );
  return [...Map.groupBy(unexplained, (line) => line.pattern ?? "")].flatMap(([id, lines]) => {
    const pattern = bursts.get(id);
    const over = view.now - (lines.at(-1)?.at ?? 0) > LATEST_MS;
    if (pattern?.burst === undefined || lines.length < FEWEST || over) return [];
    const usual = Math.round(pattern.burst.usual * 10) / 10;
    return [
      makeFinding(view, {
        kind: "log-errors",
        since: lines[0]?.at ?? view.now,
        severity: "warning",
        summary: `${lines.length} times in ${seconds(WINDOW_MS)}, usually ${usual}: ${pattern.template}`,
        facts: {
          pattern: "unknown",
          template: pattern.template,
          count: lines.length,
          usual,
          trend: pattern.trend,
        },
        signals: lines,
        variant: "unknown",
        words: pattern.template,
      }),
    ];
  });
};
