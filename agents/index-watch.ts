// Looks for days at the indexes that opsmedic has made, and says of which ones they do not pay. What it made is told by the
// journal, what statements cost before by the backup, what they cost since by what is kept in the store: a restart loses
// nothing but the time in which nobody looked.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import type { Service } from "../domain/service.ts";
import type { JournalEntry, Store } from "../knowledge/records.ts";
import { indexBaselineSchema } from "../tools/actions/index-baseline.ts";
import { indexName, type OwnIndex, ownIndexSchema } from "../tools/actions/own-index.ts";
import type { Backups } from "../tools/backup.ts";
import type { DatabaseInspectors } from "../tools/database-inspector.ts";
import { NEVER_BEGUN_TEXT } from "./backup-manager.ts";
import { type IndexEngine, indexEngineOf } from "./index-engines.ts";
import { counted, keptProgressSchema } from "./index-progress.ts";
import { type IndexTimes, type IndexVerdict, indexVerdict } from "./index-verdict.ts";

export interface IndexWatchParts {
  databases: Pick<DatabaseInspectors, "of">;
  journal: Pick<Store["journal"], "recent">;
  settings: Pick<Store["settings"], "get" | "set">;
  backups: Pick<Backups, "read">;
  clock: Pick<Clock, "now">;
  times: IndexTimes & {
    /** Between two looks at the same index. */
    lookEveryMs: number;
  };
  onProblem: (service: string, error: unknown) => void;
}

/** An index of ours that does not pay. */
export interface UselessIndex extends OwnIndex {
  index: string;
  why: Exclude<IndexVerdict["verdict"], "pays" | "not-yet">;
  text: string;
}

export type IndexWatch = ReturnType<typeof makeIndexWatch>;

/** A service has one engine: whose these are says its name before them. */
const CREATES = new Set(["postgres-create-index", "mysql-create-index"]);
const DROPS = new Set(["postgres-drop-index", "mysql-drop-index"]);
/** What has paid for so long pays; and one that was dropped is not made again for so long. */
const WATCHED_MS = 30 * 24 * 3_600_000;
const MOST_ENTRIES = 1_000;

export function makeIndexWatch(parts: IndexWatchParts) {
  const { journal, clock, times } = parts;
  const told = new Map<string, { at: number; found: UselessIndex | undefined }>();

  async function look(service: Service, signal?: AbortSignal): Promise<UselessIndex | undefined> {
    const engine = service.database && indexEngineOf(await parts.databases.of(service.database));
    if (engine === undefined) return undefined;
    const now = clock.now();
    const entries = await journal.recent({
      service: service.name,
      since: now - WATCHED_MS,
      limit: MOST_ENTRIES,
    });
    for (const entry of madeAndThere(entries)) {
      const own = ownIndexSchema.parse(entry.params);
      if ((await engine.whyKept(own, signal)) !== undefined) continue;
      const { verdict, text } = await judged(parts, engine, { service: service.name, entry, own }, signal);
      if (verdict !== "pays" && verdict !== "not-yet")
        return { ...own, index: indexName(own), why: verdict, text };
    }
    return undefined;
  }

  return {
    /** The first one that does not pay. Looked for now and then; one that was found is there until it is gone. */
    async useless(service: Service, signal?: AbortSignal): Promise<UselessIndex | undefined> {
      if (service.database === undefined || service.database.kind === "redis") return undefined;
      const { name } = service;
      const last = told.get(name);
      const now = clock.now();
      const isDue = last === undefined || last.found !== undefined || now - last.at >= times.lookEveryMs;
      if (!isDue) return last.found;
      told.set(name, { at: now, found: last?.found });
      try {
        const found = await look(service, signal);
        told.set(name, { at: now, found });
        return found;
      } catch (error) {
        if (signal?.aborted !== true) parts.onProblem(name, error);
        return undefined;
      }
    },

    /** Whether it was made once, and dropped again because it did not pay. */
    async wasDropped(service: string, own: OwnIndex): Promise<boolean> {
      const since = clock.now() - WATCHED_MS;
      const entries = await journal.recent({ service, since, limit: MOST_ENTRIES });
      const last = entries.find((one) => isOf(one, own) && one.state === "verified");
      return last !== undefined && DROPS.has(last.action);
    },
  };
}

/** Of the newest first: what was made, and neither dropped since nor made again by whoever took its dropping back. */
function madeAndThere(entries: readonly JournalEntry[]): JournalEntry[] {
  const decided = new Set<string>();
  return entries.filter((entry) => {
    const own = ownIndexSchema.safeParse(entry.params);
    if (!own.success || !isAboutIndexes(entry)) return false;
    const name = indexName(own.data);
    if (decided.has(name)) return false;
    const isUndone = entry.state === "undone" && entry.detail !== NEVER_BEGUN_TEXT;
    const isDone = entry.state === "verified" || isUndone;
    if (isDone) decided.add(name);
    return CREATES.has(entry.action) && entry.state === "verified";
  });
}

function isOf(entry: JournalEntry, { table, column }: OwnIndex): boolean {
  return isAboutIndexes(entry) && entry.params["table"] === table && entry.params["column"] === column;
}

function isAboutIndexes({ action }: JournalEntry): boolean {
  return CREATES.has(action) || DROPS.has(action);
}

interface Watched {
  service: string;
  entry: JournalEntry;
  own: OwnIndex;
}

/** Adds what was counted since the look before, keeps it, and judges by all of it. */
async function judged(
  parts: IndexWatchParts,
  engine: IndexEngine,
  watched: Watched,
  signal?: AbortSignal,
): Promise<IndexVerdict> {
  const { settings, clock, times } = parts;
  const key = `own-index:${watched.service}:${indexName(watched.own)}`;
  const known = keptProgressSchema.safeParse(await settings.get(key)).data;
  const before = known?.planId === watched.entry.planId ? known : undefined;
  const now = clock.now();
  if (before !== undefined && now - before.lookedAt < times.lookEveryMs)
    return indexVerdict(before.baseline, before.progress, times, now);
  const baseline = before === undefined ? await baselineIn(parts, watched.entry) : before.baseline;
  const ids = [...(baseline?.reads ?? []), ...(baseline?.writes ?? [])].map((one) => one.id);
  const use = await engine.use({ table: watched.own.table, index: indexName(watched.own), ids }, signal);
  if (use === undefined) return { verdict: "not-yet", text: "its uses cannot be seen" };
  const kept = counted(
    before,
    { planId: watched.entry.planId, baseline, madeAt: watched.entry.updatedAt },
    use,
    now,
  );
  await settings.set(key, kept);
  return indexVerdict(baseline, kept.progress, times, now);
}

/** null also where the backup is gone, or from before baselines were kept: then only its uses are counted. */
async function baselineIn({ backups }: IndexWatchParts, { backupId, step }: JournalEntry) {
  if (backupId === null) return null;
  const { steps } = await backups.read(backupId).catch(() => ({ steps: [] }));
  const captured = steps.find((one) => one.step === step)?.captured.state;
  return z.object({ baseline: indexBaselineSchema }).safeParse(captured).data?.baseline ?? null;
}
