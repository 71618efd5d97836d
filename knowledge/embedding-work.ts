// Keeps vectors and index up to date in the background: what has no vector of today's model gets one, in small
// batches. What was done is in the rows themselves, so that it goes on where it ended, whoever ends it.
import type { Embedder } from "./embedder.ts";
import type { Entries } from "./entries.ts";
import type { KnowledgeEntry } from "./entry-records.ts";
import { staleEntries } from "./search/index-rows.ts";
import type { Queryable } from "./db.ts";
import { masked } from "./symptom-lines.ts";
import type { Vectors } from "./vectors.ts";

const INDEX_BATCH = 100;
const LONGEST_TEXT = 4_000;

export interface EmbeddingWork {
  /** One round: at most `batches` of each. True when nothing was left. HealError of the embedder. */
  round(batches: number, signal?: AbortSignal): Promise<boolean>;
  /** Vectors of these, at once. */
  embed(entries: readonly KnowledgeEntry[], signal?: AbortSignal): Promise<void>;
  /** Whether entries wait for a vector of today's model, as far as this process knows. */
  behind(): boolean;
}

export function makeEmbeddingWork(parts: {
  db: Queryable;
  entries: Pick<Entries, "readAll" | "reindex">;
  vectors: Vectors;
  embedder: Embedder;
}): EmbeddingWork {
  const { db, entries, vectors, embedder } = parts;
  let dimensions: number | undefined;
  let behind = true;
  let after = "";

  async function embed(some: readonly KnowledgeEntry[], signal?: AbortSignal): Promise<void> {
    if (some.length === 0 || !(await vectors.usable())) return;
    const made = await embedder.embed(some.map(textOf), signal);
    dimensions = made[0]?.length;
    await vectors.write(
      embedder.model,
      some.map(({ id, version }, place) => ({ entry: id, version, vector: made[place] ?? [] })),
    );
  }

  async function reindexSome(): Promise<boolean> {
    const stale = await staleEntries(db, INDEX_BATCH);
    if (stale.length > 0) await entries.reindex(stale);
    return stale.length < INDEX_BATCH;
  }

  async function embedSome(signal?: AbortSignal): Promise<boolean> {
    if (!(await vectors.usable())) return true;
    const { model, batch: limit } = embedder;
    const missing = await vectors.missing({ model, dimensions, after, limit });
    await embed(await entries.readAll(missing), signal);
    const done = missing.length < limit;
    // The next time from the beginning: what was filed meanwhile may stand anywhere.
    after = done ? "" : (missing.at(-1) ?? "");
    return done;
  }

  /** Filing many entries leaves a dead row for each time that a term was counted; every search would read past them. */
  async function tidy(): Promise<void> {
    await db.query("vacuum (analyze) opsmedic.knowledge_terms, opsmedic.knowledge_index");
  }

  return {
    embed,
    behind: () => behind,
    async round(batches, signal) {
      const wasBehind = behind;
      let done = false;
      for (let count = 0; count < batches && !done; count += 1) {
        signal?.throwIfAborted();
        const indexed = await reindexSome();
        done = (await embedSome(signal)) && indexed;
      }
      behind = !done;
      if (done && (await vectors.usable())) await vectors.tend(embedder.model, dimensions);
      if (done && wasBehind) await tidy();
      return done;
    },
  };
}

/** What an entry is about, as it is given to an embedder, which may be elsewhere. */
function textOf({ title, vocabulary, symptoms, cause }: KnowledgeEntry): string {
  return masked([title, ...vocabulary, ...symptoms, cause].join("\n")).slice(0, LONGEST_TEXT);
}
