// Remembers the shapes of a PostgreSQL's tables while it is well. What goes is kept for a week beside what is there: that
// the database is well says nothing of whether a program misses a table.
import type { Clock } from "../domain/clock.ts";
import type { Service } from "../domain/service.ts";
import type { FileHistory } from "../tools/backup.ts";
import type { DatabaseInspectors } from "../tools/database-inspector.ts";
import {
  type KeptTable,
  keptTablesIn,
  schemaHistoryOf,
  shapesIn,
  shapesSql,
  type TableShape,
} from "../tools/schema-shapes.ts";

export interface SchemaSnapshotsParts {
  databases: Pick<DatabaseInspectors, "of">;
  history: FileHistory;
  clock: Pick<Clock, "now">;
  /** How long it must have been well, ms. */
  provenAfterMs: number;
  onProblem: (service: string, error: unknown) => void;
}

const EVERY_MS = 10 * 60_000;
const KEEP_GONE_MS = 7 * 24 * 60 * 60_000;

export function makeSchemaSnapshots(parts: SchemaSnapshotsParts) {
  const { clock, history } = parts;
  const healthySince = new Map<string, number>();
  const takenAt = new Map<string, number>();

  async function take(service: Service): Promise<void> {
    const inspector = service.database && (await parts.databases.of(service.database));
    if (inspector?.engine !== "postgres") return;
    const present = shapesIn(await inspector.ask(shapesSql, []));
    const name = schemaHistoryOf(service.name);
    const kept = keptTablesIn((await history.lastGood(name))?.files ?? []);
    const tables = merged(kept, present, clock.now());
    if (tables.length === 0) return;
    await history.keepGood(
      name,
      tables.map((one) => ({
        path: `${encodeURIComponent(one.shape.schema)}.${encodeURIComponent(one.shape.name)}.json`,
        content: JSON.stringify(one, undefined, 1),
        mode: 0o600,
      })),
    );
  }

  return {
    /** To be told after every look without a symptom. Never throws: what could not be taken is taken the next time. */
    async noteHealthy(service: Service): Promise<void> {
      if (service.database?.kind !== "postgres") return;
      const now = clock.now();
      const since = healthySince.get(service.name) ?? now;
      healthySince.set(service.name, since);
      const last = takenAt.get(service.name) ?? Number.NEGATIVE_INFINITY;
      if (now - since < parts.provenAfterMs || now - last < EVERY_MS) return;
      takenAt.set(service.name, now);
      await take(service).catch((error: unknown) => parts.onProblem(service.name, error));
    },
    noteSick(service: Service): void {
      healthySince.delete(service.name);
    },
  };
}

/** What is there as it is, and what was there and is gone, as it was. */
export function merged(kept: readonly KeptTable[], present: readonly TableShape[], now: number): KeptTable[] {
  const isOld = (since: number): boolean => now - since > KEEP_GONE_MS;
  const there = present.map((shape) => {
    const before = kept.find((one) => isSame(one.shape, shape));
    const lost = (before?.shape.columns ?? []).map((column) => ({ column, goneSince: now }));
    const goneColumns = [...(before?.goneColumns ?? []), ...lost].filter(
      ({ column, goneSince }) => !isOld(goneSince) && !shape.columns.some((one) => one.name === column.name),
    );
    return { shape, goneSince: null, goneColumns };
  });
  const gone = kept
    .filter((one) => !present.some((shape) => isSame(one.shape, shape)))
    .map((one) => ({ ...one, goneSince: one.goneSince ?? now }))
    .filter((one) => !isOld(one.goneSince));
  return [...there, ...gone];
}

function isSame(a: TableShape, b: TableShape): boolean {
  return a.schema === b.schema && a.name === b.name;
}
