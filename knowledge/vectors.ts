// Vectors of entries in the database (pgvector), where it has them. Compared exactly while they are few; where they
// are many, through an HNSW index on a PostgreSQL server, and only those of the text's candidates elsewhere.
import type { Db } from "./db.ts";
import { hasVectors } from "./migrate.ts";

export interface Alike {
  entry: string;
  cosine: number;
}

export interface Vectors {
  /** False where pgvector is missing: then text alone searches. */
  usable(): Promise<boolean>;
  write(model: string, rows: readonly { entry: string; version: number; vector: number[] }[]): Promise<void>;
  /** Nearest first, of this model's vectors, without these kinds of target. */
  nearest(search: {
    model: string;
    vector: readonly number[];
    without: readonly string[];
    /** Compared where there are too many for all; not asked for where an index finds the nearest. */
    candidates: () => Promise<readonly string[]>;
    limit: number;
  }): Promise<Alike[]>;
  /** Entries that have no vector of this model and version; bounded. */
  missing(search: {
    model: string;
    dimensions: number | undefined;
    /** Those with a greater id, in their order: what was looked at is not looked at again. */
    after: string;
    limit: number;
  }): Promise<string[]>;
  /** Makes the index where it pays and is not there whole. `dimensions`: of today's vectors; absent: of those stored. */
  tend(model: string, dimensions?: number): Promise<void>;
}

/** Up to so many all are compared: some 10 ms on a server, some 25 ms embedded. */
const EXACT_MOST = { postgres: 20_000, embedded: 4_000 };
/** A vector's distance, by pgvector's name in whatever search path. */
const DISTANCE = "operator(public.<=>)";

/**
 * Making the index takes a minute of 100,000 vectors, and twice that where its graph does not fit into memory. By one
 * process: several share memory, of which a container has 64 MB (/dev/shm) unless its owner gives it more.
 */
const MAKING = {
  statement_timeout: "3600000",
  maintenance_work_mem: "256MB",
  max_parallel_maintenance_workers: "0",
};

export function makeVectors(
  db: Pick<Db, "query" | "alone">,
  kind: "embedded" | "postgres",
  exactMost = EXACT_MOST[kind],
): Vectors {
  let there: boolean | undefined;
  let counted: { at: number; count: number } | undefined;
  let indexed: number | undefined;

  /** Counting tens of thousands takes longer than comparing them, so it is done now and then. */
  async function count(): Promise<number> {
    if (counted === undefined || performance.now() - counted.at > 60_000) {
      const [row] = await db.query<{ count: number }>(
        "select coalesce(max(entries), 0) as count from opsmedic.knowledge_terms where term = ''",
      );
      counted = { at: performance.now(), count: row?.count ?? 0 };
    }
    return counted.count;
  }

  return {
    async usable() {
      return (there ??= await hasVectors(db));
    },
    async write(model, rows) {
      if (rows.length === 0) return;
      await db.query(
        `insert into opsmedic.knowledge_vectors (entry, model, version, dimensions, vector)
         select one.entry, $1, one.version, $5, one.vector::public.vector
         from unnest($2::text[], $3::int[], $4::text[]) as one (entry, version, vector)
         join opsmedic.knowledge k on k.id = one.entry
         on conflict (entry) do update set model = excluded.model, version = excluded.version,
           dimensions = excluded.dimensions, vector = excluded.vector`,
        [
          model,
          rows.map(({ entry }) => entry),
          rows.map(({ version }) => version),
          rows.map(({ vector }) => text(vector)),
          rows[0]?.vector.length ?? 0,
        ],
      );
    },
    async nearest({ model, vector, without, candidates, limit }) {
      const many = (await count()) > exactMost;
      const byIndex = many && indexed === vector.length;
      const left = byIndex ? `(v.vector::public.vector(${vector.length}))` : "v.vector";
      const among = many && !byIndex ? await candidates() : undefined;
      // A model of the same name may get another dimension; pgvector refuses to compare what differs.
      return db.query<Alike & Record<string, unknown>>(
        `select v.entry, 1 - (${left} ${DISTANCE} $2::public.vector) as cosine
         from opsmedic.knowledge_vectors v join opsmedic.knowledge_index i on i.entry = v.entry
         where v.model = $1 and v.dimensions = $5 and not i.disabled and i.target_kind <> all($3::text[])
           ${among ? "and v.entry = any($6::text[])" : ""}
         order by ${left} ${DISTANCE} $2::public.vector limit $4`,
        [model, text(vector), without, limit, vector.length, ...(among ? [among] : [])],
      );
    },
    async missing({ model, dimensions, after, limit }) {
      const rows = await db.query<{ id: string }>(
        `select k.id from opsmedic.knowledge k
         where k.id > $4 and not exists (select 1 from opsmedic.knowledge_vectors v
           where v.entry = k.id and v.model = $1 and v.version = k.version
             and ($2::int is null or v.dimensions = $2))
         order by k.id limit $3`,
        [model, dimensions ?? null, limit, after],
      );
      return rows.map(({ id }) => id);
    },
    async tend(model, today) {
      if (kind !== "postgres" || (await count()) <= exactMost) return;
      const dimensions = today ?? indexed ?? (await storedDimensions(model));
      if (dimensions === undefined || indexed === dimensions) return;
      const name = `knowledge_vectors_${dimensions}_${model
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "_")
        .slice(0, 24)}`;
      const before = await stateOf(name);
      if (before === "being-made") return;
      if (before === "broken") await db.alone(`drop index concurrently if exists opsmedic.${name}`, MAKING);
      if (before !== "whole")
        await db.alone(
          `create index concurrently if not exists ${name} on opsmedic.knowledge_vectors
           using hnsw ((vector::public.vector(${dimensions})) public.vector_cosine_ops) where model = '${model.replaceAll("'", "''")}'`,
          MAKING,
        );
      if ((await stateOf(name)) === "whole") indexed = dimensions;
    },
  };

  async function storedDimensions(model: string): Promise<number | undefined> {
    const [one] = await db.query<{ dimensions: number }>(
      "select dimensions from opsmedic.knowledge_vectors where model = $1 limit 1",
      [model],
    );
    return one?.dimensions;
  }

  /** "broken": its making was cut off, and what is left of it serves no search. */
  async function stateOf(name: string): Promise<"absent" | "being-made" | "broken" | "whole"> {
    const [index] = await db.query<{ whole: boolean; making: boolean }>(
      `select i.indisvalid as whole, exists (select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = c.oid) as making
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       join pg_catalog.pg_index i on i.indexrelid = c.oid where n.nspname = 'opsmedic' and c.relname = $1`,
      [name],
    );
    if (index === undefined) return "absent";
    return index.whole ? "whole" : index.making ? "being-made" : "broken";
  }
}

/** As pgvector reads it; five digits are more than an embedding means. */
function text(vector: readonly number[]): string {
  return `[${vector.map((value) => Number(value.toPrecision(5))).join(",")}]`;
}
