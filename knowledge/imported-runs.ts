// Runs of elsewhere, as whole documents: to be shown and judged again, never to be acted on or counted.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import type { Db } from "./db.ts";
import type { ImportedRun, ImportedRuns, RunExport } from "./records.ts";
import { atMost, int8, rowsAs, whole } from "./rows.ts";
import { jsonParam, storableText } from "./storable.ts";

const headRow: z.ZodType<ImportedRun> = z.object({
  id: z.string(),
  service: z.string(),
  importedAt: int8,
  importedBy: z.string(),
  sha256: z.string(),
});
const head = `id, service, imported_at as "importedAt", imported_by as "importedBy", sha256`;

/** Documents are checked at the door that they come in by. */
const documentRow = z.object({
  document: z.custom<RunExport>((value) => typeof value === "object" && value !== null),
});

export function makeImportedRuns(db: Db, clock: Pick<Clock, "now">): ImportedRuns {
  async function headOf(id: string): Promise<ImportedRun | undefined> {
    const rows = await db.query(`select ${head} from opsmedic.imported_runs where id = $1`, [id]);
    return rowsAs(headRow, rows, "an imported run")[0];
  }
  return {
    headOf,
    async put(document, { sha256, by }) {
      await db.query(
        `insert into opsmedic.imported_runs (id, service, imported_at, imported_by, sha256, document)
         values ($1, $2, $3, $4, $5, $6::jsonb) on conflict (id) do nothing`,
        [
          document.run.id,
          document.run.service,
          whole(clock.now()),
          storableText(by),
          sha256,
          jsonParam(document),
        ],
      );
      return (await headOf(document.run.id))?.sha256 === sha256;
    },
    async get(id) {
      const rows = await db.query("select document from opsmedic.imported_runs where id = $1", [id]);
      return rowsAs(documentRow, rows, "an imported run")[0]?.document;
    },
    async list(limit) {
      const rows = await db.query(
        `select ${head} from opsmedic.imported_runs order by imported_at desc, id desc limit $1`,
        [atMost(limit)],
      );
      return rowsAs(headRow, rows, "an imported run");
    },
  };
}
