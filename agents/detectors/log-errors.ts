// Log errors: a burst of lines of one known kind of trouble. Counted by patterns of signals/log-patterns.ts on lines
// that are errors, never by the word "error".
import type { LogMatch, LogPatternName } from "../../signals/log-patterns.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { LogSignal } from "../../domain/signal.ts";
import type { Detector, View } from "../detector.ts";
import { troubleOf } from "./line-reading.ts";
import { makeFinding, seconds } from "./make-finding.ts";
import { recent, within } from "./recent.ts";

const WINDOW_MS = 60_000;
/** Older than this, and the burst is over. */
const LATEST_MS = 20_000;
const FEWEST = 8;
/** These never are a hiccup: two lines are enough. */
const grave: ReadonlySet<LogPatternName> = new Set(["out-of-memory", "disk-full"]);
const FEWEST_GRAVE = 2;
const MANY = 60;
/** What a database writes of each session that somebody ends on purpose, as repairs do: it is well, and obeys. */
const ENDED_ON_PURPOSE = /\bterminating connection due to administrator command\b/;

interface Trouble {
  line: LogSignal;
  match: LogMatch;
}

export const logErrors: Detector = (view) => {
  const troubles = within(recent(view).lines, view, WINDOW_MS).flatMap((line): Trouble[] => {
    const match = troubleOf(line);
    if (match === undefined || match.pattern === "rate-limit") return [];
    const obeyed = view.service.database !== undefined && ENDED_ON_PURPOSE.test(line.text);
    return obeyed ? [] : [{ line, match }];
  });
  const bursts = [...Map.groupBy(troubles, (one) => one.match.pattern)].filter(
    ([pattern, list]) =>
      list.length >= (grave.has(pattern) ? FEWEST_GRAVE : FEWEST) &&
      view.now - (list.at(-1)?.line.at ?? 0) <= LATEST_MS,
  );
  const worst = bursts.toSorted((a, b) => gravity(b) - gravity(a))[0];
  if (worst === undefined) return [];
  const [pattern, list] = worst;
  const last = list.at(-1)?.match;
  return [
    makeFinding(view, {
      kind: "log-errors",
      since: list[0]?.line.at ?? view.now,
      severity: grave.has(pattern) || list.length >= MANY ? "critical" : "warning",
      summary: `${list.length} lines of ${pattern} in ${seconds(WINDOW_MS)}, the last: ${last?.headline ?? ""}`,
      facts: {
        pattern,
        count: list.length,
        line: last?.headline ?? null,
        ...templateOf(list, view),
        host: last?.host ?? null,
        port: last?.port ?? null,
        ms: last?.ms ?? null,
      },
      signals: list.map((one) => one.line),
      variant: pattern,
    }),
  ];
};

function gravity([pattern, list]: [LogPatternName, Trouble[]]): number {
  return (grave.has(pattern) ? 1_000_000 : 0) + list.length;
}

/** What the lines have in common, as far as their pattern is known, and how many of them a minute usually has. */
function templateOf(list: readonly Trouble[], { patterns }: View): JsonObject {
  const known = new Map(patterns.map((one) => [one.id, one]));
  const byPattern = [...Map.groupBy(list, ({ line }) => line.pattern ?? "")];
  const most = byPattern.toSorted(([, a], [, b]) => b.length - a.length)[0];
  const pattern = known.get(most?.[0] ?? "");
  return pattern === undefined ? {} : { template: pattern.template, usual: pattern.burst?.usual ?? null };
}
