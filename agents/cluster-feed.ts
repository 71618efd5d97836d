// What the clusters of errors get to see. To place a line costs as much as all else that is done with it, and the
// hundredth line of a pattern tells nothing new: of each pattern a few are placed, the others are only counted.
import { withoutSecrets } from "../domain/mask-secrets.ts";
import type { LogSignal } from "../domain/signal.ts";
import type { ErrorClusters } from "../signals/clusters/clusters.ts";
import { gravityOf } from "../domain/log-level.ts";

export interface ClusterFeed {
  /** `pattern`: the line's own, as the log observer names it. Chatter is left out. */
  note(line: LogSignal, pattern: string): void;
  /** Hands on what was only counted. */
  flush(): void;
}

/** Of one pattern between two flushes; two lines make a cluster, and its words may vary. */
const PLACED = 8;
const MOST_COUNTED = 5_000;

interface Seen {
  placed: number;
  counted: number;
  last: LogSignal;
}

/** Lines that were only counted go to the item of the latest of them: their sum is right, their split a guess. */
export function makeClusterFeed(clusters: Pick<ErrorClusters, "add">): ClusterFeed {
  const seen = new Map<string, Seen>();

  function place({ service, text, at }: LogSignal, lines: number): void {
    clusters.add({ text: withoutSecrets(text), at, service, lines });
  }

  function flush(): void {
    for (const { counted, last } of seen.values()) if (counted > 0) place(last, counted);
    seen.clear();
  }

  return {
    note(line, pattern) {
      if (gravityOf(line.level) < gravityOf("warn")) return;
      const key = `${line.service} ${pattern}`;
      const one = seen.get(key);
      if (one !== undefined && one.placed >= PLACED) {
        one.counted += 1;
        one.last = line;
        return;
      }
      if (seen.size >= MOST_COUNTED) flush();
      seen.set(key, { placed: (one?.placed ?? 0) + 1, counted: one?.counted ?? 0, last: line });
      place(line, 1);
    },
    flush,
  };
}
