// Services whose logs have changed, where lines carry no trace: new kinds of trouble, and known ones that come more often,
// against the service's other lines, so that more traffic alone changes nothing.
import type { Evidence } from "./evidence.ts";
import { type LogEvent, readsAsTrouble, wordsOf } from "./log-words.ts";
import { strengthOf } from "./pattern-changes.ts";
import { shareChange } from "./share-change.ts";
import { listAt } from "./statistics.ts";

/** A service often only reports what its dependencies do to it. */
const MOST_STRENGTH = 4;
/** Lines come in bursts: more than this many teach little more. */
const MOST_LINES = 100;

/** Evidence of kind code from lines of two periods; what a dependency explains is taken off by the ranking. */
export function logEvidence(normal: readonly LogEvent[], during: readonly LogEvent[]): Evidence[] {
  const before = countsOf(normal);
  return [...countsOf(during)].flatMap(([service, { total, troubles }]): Evidence[] => {
    const known = before.get(service);
    const found = [...troubles].map(([words, lines]) => {
      const old = { hits: known?.troubles.get(words)?.length ?? 0, of: known?.total ?? 0 };
      const { evidence, gained } = shareChange(old, { hits: lines.length, of: total }, MOST_LINES);
      return { words, lines, old, strength: gained ? Math.min(MOST_STRENGTH, strengthOf(evidence)) : 0 };
    });
    const [first] = found.toSorted((a, b) => b.strength - a.strength || b.lines.length - a.lines.length);
    if (first === undefined || !(first.strength > 0)) return [];
    const because = `"${first.words.slice(0, 120)}" ${first.lines.length} times in ${total} lines, before ${first.old.hits} in ${first.old.of}`;
    const since = first.lines[0];
    return [
      {
        service,
        kind: "code",
        strength: first.strength,
        reach: "effect",
        because,
        ...(since !== undefined && { since }),
      },
    ];
  });
}

interface Counts {
  total: number;
  /** Times of the lines that read as trouble, by their constant words. */
  troubles: Map<string, number[]>;
}

function countsOf(logs: readonly LogEvent[]): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const { service, text, at } of logs) {
    const mine = counts.get(service) ?? { total: 0, troubles: new Map() };
    counts.set(service, mine);
    mine.total += 1;
    const words = wordsOf(text);
    if (readsAsTrouble(words)) listAt(mine.troubles, words).push(at);
  }
  return counts;
}
