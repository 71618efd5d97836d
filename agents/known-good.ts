// Known good: remembers what a service's editable files looked like while it was healthy, and tells what has
// changed since. This is where a bad roll-out is recognised, and what it is taken back to.
import { diffLines } from "diff";
import type { Clock } from "../domain/clock.ts";
import type { Service } from "../domain/service.ts";
import type { ChangeSignal, StateSignal } from "../domain/signal.ts";
import type { FileHistory } from "../tools/backup.ts";
import type { ServiceFile, ServiceFiles } from "../tools/service-files.ts";

export interface KnownGoodParts {
  history: FileHistory;
  filesOf: (service: Service) => ServiceFiles | undefined;
  clock: Clock;
  /** How long a service must have been well with its present files before they count as good, ms. */
  provenAfterMs: number;
}

type LastGood = Awaited<ReturnType<FileHistory["lastGood"]>>;

/** Another process may keep a newer version; it is seen after this. */
const REMEMBER_MS = 30_000;

export type KnownGood = ReturnType<typeof makeKnownGood>;

export function makeKnownGood({ history, filesOf, clock, provenAfterMs }: KnownGoodParts) {
  const healthySince = new Map<string, number>();
  const remembered = new Map<string, { at: number; good: LastGood }>();

  /** Every look asks for it, and reading it costs a git process: what was read counts for a while. */
  async function lastGood(name: string): Promise<LastGood> {
    const known = remembered.get(name);
    if (known && clock.now() - known.at < REMEMBER_MS) return known.good;
    const good = await history.lastGood(name);
    remembered.set(name, { at: clock.now(), good });
    return good;
  }

  return {
    /** To be told after every look without a symptom. Keeps the files once the running instance has proved them. */
    async noteHealthy(service: Service, state: StateSignal | undefined): Promise<void> {
      const files = filesOf(service);
      if (!files) return;
      const since = healthySince.get(service.name) ?? clock.now();
      healthySince.set(service.name, since);
      if (clock.now() - since < provenAfterMs) return;
      const present = await files.list();
      if (present.length === 0 || !readBy(state, present)) return;
      const version = await history.keepGood(service.name, present);
      if (remembered.get(service.name)?.good?.version !== version) remembered.delete(service.name);
    },

    noteSick(service: Service): void {
      healthySince.delete(service.name);
    },

    /** Files that differ from the last known good version, as signals; empty while nothing is known to be good. */
    async changes(service: Service): Promise<ChangeSignal[]> {
      const files = filesOf(service);
      const good = files && (await lastGood(service.name));
      if (!files || !good) return [];
      const present = new Map((await files.list()).map((one) => [one.path, one]));
      const paths = new Set([...good.files.map((one) => one.path), ...present.keys()]);
      return [...paths].flatMap((path) => {
        const before = good.files.find((one) => one.path === path)?.content;
        const now = present.get(path);
        if (before === now?.content) return [];
        return [
          changeSignal(service, {
            path,
            before,
            now,
            version: good.version,
            at: now?.modifiedAt ?? clock.now(),
          }),
        ];
      });
    },
  };
}

/** Files that were written after the instance started may never have been read: they prove nothing. */
function readBy(state: StateSignal | undefined, files: readonly ServiceFile[]): boolean {
  const newest = Math.max(...files.map((one) => one.modifiedAt));
  return state?.startedAt !== undefined && state.startedAt >= newest;
}

function changeSignal(
  service: Service,
  change: {
    path: string;
    before: string | undefined;
    now: ServiceFile | undefined;
    version: string;
    at: number;
  },
): ChangeSignal {
  return {
    kind: "change",
    service: service.name,
    at: change.at,
    path: change.path,
    goodVersion: change.version,
    summary: summaryOf(change.before, change.now?.content),
  };
}

function summaryOf(before: string | undefined, now: string | undefined): string {
  if (before === undefined) return "new file";
  if (now === undefined) return "file removed";
  const parts = diffLines(before, now);
  const count = (of: "added" | "removed") =>
    parts.filter((one) => one[of]).reduce((sum, one) => sum + (one.count ?? 0), 0);
  return `${count("added")} lines added, ${count("removed")} removed`;
}
