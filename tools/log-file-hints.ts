// Tells soon that something changed in a folder, so that a follower need not poll quickly. Only a hint: where
// watching is impossible (no folder yet, network file systems, no inotify watches left), polling goes on alone.
import { type FSWatcher, watch } from "node:fs";

export interface FolderHints {
  /** Resolves soon after a change; changes in quick succession count as one. */
  next(): Promise<void>;
  /** Whether files came, went or were renamed since the last call. */
  namesChanged(): boolean;
  close(): void;
}

const TOGETHER_MS = 50;

export function hintsOf(folder: string): FolderHints {
  let names = false;
  let waiting = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;

  const changed = (kind: string) => {
    names ||= kind === "rename";
    timer ??= setTimeout(() => {
      timer = undefined;
      waiting.resolve();
      waiting = Promise.withResolvers();
    }, TOGETHER_MS);
  };
  const watcher = tryWatch(folder, changed);
  return {
    next: () => waiting.promise,
    namesChanged() {
      const answer = names;
      names = false;
      return answer;
    },
    close() {
      clearTimeout(timer);
      watcher?.close();
    },
  };
}

function tryWatch(folder: string, changed: (kind: string) => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, changed);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
