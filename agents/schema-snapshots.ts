// Remembers the shapes of a database's tables while it is well (PostgreSQL, MySQL, MariaDB). What goes is kept for a week
// beside what is there: that the database is well says nothing of whether a program misses a table.
import type { Clock } from "../domain/clock.ts";
import type { Service } from "../domain/service.ts";
import type { FileHistory } from "../tools/backup.ts";
import type { DatabaseInspectors } from "../tools/database-inspector.ts";
import { type Kept, merged, type NamedShape, schemaHistoryOf } from "../tools/kept-tables.ts";
import { keptMysqlTablesIn } from "../tools/mysql-shapes.ts";
import { keptTablesIn, shapesIn, shapesSql } from "../tools/schema-shapes.ts";

export interface SchemaSnapshotsParts {
  databases: Pick<DatabaseInspectors, "of">;
  history: FileHistory;
  clock: Pick<Clock, "now">;
  /** How long it must have been well, ms. */
  provenAfterMs: number;
  onProblem: (service: string, error: unknown) => void;
}

const EVERY_MS = 10 * 60_000;

export function makeSchemaSnapshots(parts: SchemaSnapshotsParts) {
  const { clock, history } = parts;
  const healthySince = new Map<string, number>();
  const takenAt = new Map<string, number>();

  async function take(service: Service): Promise<void> {
    const inspector = service.database && (await parts.databases.of(service.database));
    if (inspector === undefined || inspector.engine === "redis") return;
    const name = schemaHistoryOf(service.name);
    const files = (await history.lastGood(name))?.files ?? [];
    const tables: Kept<NamedShape>[] =
      inspector.engine === "postgres"
        ? merged(keptTablesIn(files), shapesIn(await inspector.ask(shapesSql, [])), clock.now())
        : merged(keptMysqlTablesIn(files), await inspector.shapes(), clock.now());
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
      if (service.database === undefined || service.database.kind === "redis") return;
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
