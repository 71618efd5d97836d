// The index of the search in the database: one narrow row an entry, and in how many entries each term stands.
import type { Queryable } from "../db.ts";
import type { KnowledgeEntry } from "../entry-records.ts";
import { jsonParam } from "../storable.ts";
import { INDEX_VERSION, indexOf } from "./entry-index.ts";

/** The term that counts all entries. */
export const ALL = "";

export type VocabularyOf = (playbook: string) => readonly string[] | undefined;

/** Writes or renews the rows of these entries. Call it in the transaction that writes the entries. */
export async function writeIndex(
  tx: Queryable,
  entries: readonly KnowledgeEntry[],
  vocabularyOf: VocabularyOf,
): Promise<void> {
  if (entries.length === 0) return;
  const before = await tx.query<{ terms: string[] }>(
    "select terms from opsmedic.knowledge_index where entry = any($1::text[]) order by entry for update",
    [entries.map(({ id }) => id)],
  );
  const rows = entries.map((one) => ({
    entry: one.id,
    version: INDEX_VERSION,
    target_kind: one.targetKind,
    disabled: one.disabled,
    ...indexOf(one, vocabularyOf(one.playbook)),
  }));
  await tx.query(
    `insert into opsmedic.knowledge_index (entry, version, target_kind, disabled, terms, weights)
     select entry, version, target_kind, disabled, array(select jsonb_array_elements_text(terms)), weights
     from jsonb_to_recordset($1::jsonb) as one (entry text, version int, target_kind text, disabled boolean,
       terms jsonb, weights text)
     on conflict (entry) do update set version = excluded.version, target_kind = excluded.target_kind,
       disabled = excluded.disabled, terms = excluded.terms, weights = excluded.weights`,
    [jsonParam(rows)],
  );
  await count(
    tx,
    before.map(({ terms }) => terms),
    rows.map(({ terms }) => terms),
  );
}

async function count(tx: Queryable, before: readonly string[][], after: readonly string[][]): Promise<void> {
  const changes = new Map<string, number>([[ALL, after.length - before.length]]);
  for (const term of before.flat()) changes.set(term, (changes.get(term) ?? 0) - 1);
  for (const term of after.flat()) changes.set(term, (changes.get(term) ?? 0) + 1);
  // In one order, so that two writers wait for each other and never both.
  const real = [...changes].filter(([, by]) => by !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
  if (real.length === 0) return;
  await tx.query(
    `insert into opsmedic.knowledge_terms (term, entries)
     select * from unnest($1::text[], $2::int[])
     on conflict (term) do update set entries = knowledge_terms.entries + excluded.entries`,
    [real.map(([term]) => term), real.map(([, by]) => by)],
  );
}

/** Entries whose row was made by another version of the search; bounded. */
export async function staleEntries(db: Queryable, limit: number): Promise<string[]> {
  const rows = await db.query<{ entry: string }>(
    "select entry from opsmedic.knowledge_index where version <> $1 order by version, entry limit $2",
    [INDEX_VERSION, limit],
  );
  return rows.map(({ entry }) => entry);
}
