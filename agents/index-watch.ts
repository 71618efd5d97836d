// Looks for days at the indexes that opsmedic has made, and says of which ones they do not pay. What it made is told by the
// journal, what statements cost before by the backup, what they cost since by what is kept in the store: a restart loses
// nothing but the time in which nobody looked.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import type { Service } from "../domain/service.ts";
import type { JournalEntry, Store } from "../knowledge/records.ts";
import { indexBaselineSchema } from "../tools/actions/postgres/index-baseline.ts";
import { indexName, type OwnIndex, ownIndexParams, whyKept } from "../tools/actions/postgres/own-index.ts";
import type { Backups } from "../tools/backup.ts";
import type { DatabaseInspectors, PostgresInspector } from "../tools/database-inspector.ts";
import { type IndexUse, indexUseOf, type StatementTotals } from "../tools/postgres-index-use.ts";
import { NEVER_BEGUN_TEXT } from "./backup-manager.ts";
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

const CREATE = "postgres-create-index";
const DROP = "postgres-drop-index";
/** What has paid for so long pays; and one that was dropped is not made again for so long. */
const WATCHED_MS = 30 * 24 * 3_600_000;
const MOST_ENTRIES = 1_000;

const totalsSchema = z.record(
  z.string(),
  z.object({ calls: z.number(), totalMs: z.number(), rows: z.number() }),
);
const keptSchema = z.object({
  /** Of the making; another one under the same name begins anew. */
  planId: z.string(),
  baseline: indexBaselineSchema.nullable(),
  lookedAt: z.number(),
  progress: z.object({
    since: z.number(),
    scans: z.number(),
    activity: z.number(),
    reads: z.object({ calls: z.number(), totalMs: z.number() }),
    writes: z.object({ rows: z.number(), totalMs: z.number() }),
    rowsThen: z.number(),
    rowsNow: z.number(),
    replicas: z.number(),
  }),
  /** The server's counters at the last look. */
  last: z.object({ scans: z.number(), activity: z.number(), statements: totalsSchema }),
});
type Kept = z.infer<typeof keptSchema>;

export function makeIndexWatch(parts: IndexWatchParts) {
  const { journal, clock, times } = parts;
  const told = new Map<string, { at: number; found: UselessIndex | undefined }>();

  async function look(service: Service, signal?: AbortSignal): Promise<UselessIndex | undefined> {
    const inspector = service.database && (await parts.databases.of(service.database));
    if (inspector?.engine !== "postgres") return undefined;
    const now = clock.now();
    const entries = await journal.recent({
      service: service.name,
      since: now - WATCHED_MS,
      limit: MOST_ENTRIES,
    });
    for (const entry of madeAndThere(entries)) {
      const own = ownIndexParams.parse(entry.params);
      const ask = (sql: string, values: readonly unknown[]) => inspector.ask(sql, values, signal);
      if ((await whyKept(ask, own)) !== undefined) continue;
      const { verdict, text } = await judged(parts, inspector, { service: service.name, entry, own }, signal);
      if (verdict !== "pays" && verdict !== "not-yet")
        return { ...own, index: indexName(own), why: verdict, text };
    }
    return undefined;
  }

  return {
    /** The first one that does not pay. Looked for now and then; one that was found is there until it is gone. */
    async useless(service: Service, signal?: AbortSignal): Promise<UselessIndex | undefined> {
      if (service.database?.kind !== "postgres") return undefined;
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
      return last?.action === DROP;
    },
  };
}

/** Of the newest first: what was made, and neither dropped since nor made again by whoever took its dropping back. */
function madeAndThere(entries: readonly JournalEntry[]): JournalEntry[] {
  const decided = new Set<string>();
  return entries.filter((entry) => {
    const own = ownIndexParams.safeParse(entry.params);
    if (!own.success || (entry.action !== CREATE && entry.action !== DROP)) return false;
    const name = indexName(own.data);
    if (decided.has(name)) return false;
    const isUndone = entry.state === "undone" && entry.detail !== NEVER_BEGUN_TEXT;
    const isDone = entry.state === "verified" || isUndone;
    if (isDone) decided.add(name);
    return entry.action === CREATE && entry.state === "verified";
  });
}

function isOf({ action, params }: JournalEntry, { table, column }: OwnIndex): boolean {
  return [CREATE, DROP].includes(action) && params["table"] === table && params["column"] === column;
}

interface Watched {
  service: string;
  entry: JournalEntry;
  own: OwnIndex;
}

/** Adds what was counted since the look before, keeps it, and judges by all of it. */
async function judged(
  parts: IndexWatchParts,
  inspector: PostgresInspector,
  watched: Watched,
  signal?: AbortSignal,
): Promise<IndexVerdict> {
  const { settings, clock, times } = parts;
  const key = `own-index:${watched.service}:${indexName(watched.own)}`;
  const known = keptSchema.safeParse(await settings.get(key)).data;
  const before = known?.planId === watched.entry.planId ? known : undefined;
  const now = clock.now();
  if (before !== undefined && now - before.lookedAt < times.lookEveryMs)
    return indexVerdict(before.baseline, before.progress, times, now);
  const baseline = before === undefined ? await baselineIn(parts, watched.entry) : before.baseline;
  const ids = [...(baseline?.reads ?? []), ...(baseline?.writes ?? [])].map((one) => one.id);
  const use = await indexUseOf(inspector, { ...watched.own, index: indexName(watched.own), ids }, signal);
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

function counted(
  before: Kept | undefined,
  made: { planId: string; baseline: Kept["baseline"]; madeAt: number },
  use: IndexUse,
  now: number,
): Kept {
  const { planId, baseline, madeAt } = made;
  const last = { scans: use.scans, activity: use.activity, statements: use.statements };
  if (before === undefined) {
    const none = { reads: { calls: 0, totalMs: 0 }, writes: { rows: 0, totalMs: 0 } };
    const { scans, rows, replicas } = use;
    const progress = { since: madeAt, scans, activity: 0, ...none, rowsThen: rows, rowsNow: rows, replicas };
    return { planId, baseline, lookedAt: now, progress, last };
  }
  const { progress: then } = before;
  // Counters that fell were set back: whether it was used in between nobody knows, so that its time begins anew.
  const isReset = use.scans < before.last.scans || use.activity < before.last.activity;
  const risen = (some: readonly { id: string }[] | undefined): StatementTotals => {
    const all = (some ?? []).map(({ id }) => rise(before.last.statements[id], use.statements[id]));
    return {
      calls: all.reduce((sum, one) => sum + one.calls, 0),
      totalMs: all.reduce((sum, one) => sum + one.totalMs, 0),
      rows: all.reduce((sum, one) => sum + one.rows, 0),
    };
  };
  const [reads, writes] = [risen(baseline?.reads), risen(baseline?.writes)];
  const progress = {
    since: isReset ? now : then.since,
    scans: then.scans + (isReset ? use.scans : use.scans - before.last.scans),
    activity: then.activity + (isReset ? use.activity : use.activity - before.last.activity),
    reads: { calls: then.reads.calls + reads.calls, totalMs: then.reads.totalMs + reads.totalMs },
    writes: { rows: then.writes.rows + writes.rows, totalMs: then.writes.totalMs + writes.totalMs },
    rowsThen: then.rowsThen,
    rowsNow: use.rows,
    replicas: Math.max(then.replicas, use.replicas),
  };
  return { planId, baseline, lookedAt: now, progress, last };
}

/** A counter that fell, or that is counted anew, began at nothing. */
function rise(before: StatementTotals | undefined, now: StatementTotals | undefined): StatementTotals {
  if (now === undefined) return { calls: 0, totalMs: 0, rows: 0 };
  if (before === undefined || now.calls < before.calls) return now;
  return {
    calls: now.calls - before.calls,
    totalMs: now.totalMs - before.totalMs,
    rows: now.rows - before.rows,
  };
}
