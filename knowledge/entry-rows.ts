// Entries of the knowledge base as rows: read, written, many at once.
import { z } from "zod";
import type { Queryable } from "./db.ts";
import { entryOrigins, entryOutcomes, type KnowledgeEntry } from "./entry-records.ts";
import { int8, rowsAs, whole } from "./rows.ts";
import { jsonParam, storableText } from "./storable.ts";

export const entrySchema: z.ZodType<KnowledgeEntry> = z.object({
  id: z.string(),
  origin: z.enum(entryOrigins),
  title: z.string(),
  symptoms: z.array(z.string()),
  vocabulary: z.array(z.string()),
  playbook: z.string(),
  cause: z.string(),
  fix: z.string(),
  outcome: z.enum(entryOutcomes),
  targetKind: z.string(),
  service: z.string().nullable(),
  runId: z.string().nullable(),
  scoreBp: z.int().nullable(),
  errorsAfter: z.int().nullable(),
  disabled: z.boolean(),
  version: z.int(),
  used: z.int(),
  worked: z.int(),
  firstAt: int8,
  at: int8,
  changedAt: int8,
});

const columns = `id, origin, title, symptoms, vocabulary, playbook, cause, fix, outcome, target_kind as "targetKind",
  service, run_id as "runId", score_bp as "scoreBp", errors_after as "errorsAfter", disabled, version, used, worked,
  first_at as "firstAt", at, changed_at as "changedAt"`;

/** `rest`: what follows "from opsmedic.knowledge". */
export async function readEntries(
  db: Queryable,
  rest: string,
  params: readonly unknown[],
): Promise<KnowledgeEntry[]> {
  const rows = await db.query(`select ${columns} from opsmedic.knowledge ${rest}`, params);
  return rowsAs(entrySchema, rows, "an entry of the knowledge base");
}

export type NewEntry = KnowledgeEntry & { sameAs: string };

/** Entries whose id or `sameAs` is there already are passed over; the ids of those that were written. */
export async function insertEntries(db: Queryable, entries: readonly NewEntry[]): Promise<string[]> {
  if (entries.length === 0) return [];
  const rows = await db.query<{ id: string }>(
    `insert into opsmedic.knowledge (id, same_as, origin, title, symptoms, vocabulary, playbook, cause, fix, outcome,
       target_kind, service, run_id, score_bp, errors_after, disabled, version, used, worked, first_at, at, changed_at)
     select * from jsonb_to_recordset($1::jsonb) as one (id text, same_as text, origin text, title text,
       symptoms jsonb, vocabulary jsonb, playbook text, cause text, fix text, outcome text, target_kind text,
       service text, run_id text, score_bp int, errors_after int, disabled boolean, version int, used int,
       worked int, first_at bigint, at bigint, changed_at bigint)
     on conflict do nothing returning id`,
    [jsonParam(entries.map(asRow))],
  );
  return rows.map(({ id }) => id);
}

function asRow(one: NewEntry): Record<string, unknown> {
  const { targetKind, runId, scoreBp, errorsAfter, firstAt, changedAt, sameAs, ...rest } = one;
  return {
    ...rest,
    same_as: sameAs,
    target_kind: targetKind,
    run_id: runId,
    score_bp: scoreBp,
    errors_after: errorsAfter,
    first_at: whole(firstAt),
    at: whole(one.at),
    changed_at: whole(changedAt),
  };
}

/** Writes the fields that a person or an outcome changes. */
export async function updateEntry(db: Queryable, one: KnowledgeEntry): Promise<void> {
  await db.query(
    `update opsmedic.knowledge set title = $2, symptoms = $3::jsonb, vocabulary = $4::jsonb, playbook = $5, cause = $6,
       fix = $7, outcome = $8, service = $9, run_id = $10, score_bp = $11, errors_after = $12, disabled = $13,
       version = $14, used = $15, worked = $16, at = $17, changed_at = $18 where id = $1`,
    [
      one.id,
      storableText(one.title),
      jsonParam(one.symptoms),
      jsonParam(one.vocabulary),
      one.playbook,
      storableText(one.cause),
      storableText(one.fix),
      one.outcome,
      one.service,
      one.runId,
      one.scoreBp,
      one.errorsAfter,
      one.disabled,
      one.version,
      one.used,
      one.worked,
      whole(one.at),
      whole(one.changedAt),
    ],
  );
}
