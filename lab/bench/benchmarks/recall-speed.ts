// How long a search takes among 100,000 cases: lines of known failures, as new lines and as a person's words, with
// names and numbers of a made-up estate. The same cases at each run.
import { performance } from "node:perf_hooks";
import { shippedPlaybooks } from "../../../agents/playbooks/shipped.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import { subwordEmbedder } from "../../../knowledge/embedders/subword.ts";
import { makeEntries } from "../../../knowledge/entries.ts";
import { makeKnowledgeBase } from "../../../knowledge/knowledge-base.ts";
import { hasVectors } from "../../../knowledge/migrate.ts";
import { openStore } from "../../../knowledge/store.ts";
import { manyCases } from "../../retrieval/many-cases.ts";
import { readPairs } from "../../retrieval/pairs.ts";
import { type BenchContext, type Benchmark, onEachStore, type Row } from "../benchmark.ts";
import { startPgvector } from "../../pgvector-server.ts";

const CASES = 100_000;
const BATCH = 5_000;
const BARS = { embedded: 60, PostgreSQL: 15, "PostgreSQL with pgvector": 15 };
const makeId = (prefix: string): string => `${prefix}_bench`;

export const recallSpeed: Benchmark = {
  name: "recall-speed",
  title: "A search among 100,000 cases",
  onlyByName: true,
  async run(context) {
    const rows = await onEachStore(context, ({ name, url }) => measure(context, name, url));
    await using server = await startPgvector();
    const what = "PostgreSQL with pgvector";
    if (server === undefined) return [...rows, { what: `on ${what}`, missing: "no engine has its image" }];
    context.say(`on ${what}`);
    return [...rows, ...(await measure(context, what, server.direct))];
  },
};

async function measure({ say }: BenchContext, name: keyof typeof BARS, url?: string): Promise<Row[]> {
  const opened = await openStore({ dataDir: undefined, ...(url && { url }) }, { clock: systemClock, makeId });
  try {
    const { db, kind, store } = opened;
    const entries = makeEntries(db, { clock: systemClock, makeId, vocabularyOf: () => undefined });
    const base = makeKnowledgeBase({
      db,
      kind,
      ...store,
      embedder: subwordEmbedder,
      playbooks: shippedPlaybooks,
      clock: systemClock,
      makeId,
    });
    await base.find({ text: "disk full", limit: 1 });
    const began = performance.now();
    const seconds = (): number => Math.round((performance.now() - began) / 1_000);
    for (let start = 0; start < CASES; start += BATCH)
      await entries.insert(manyCases(start, Math.min(BATCH, CASES - start)));
    say(`${CASES} cases filed in ${seconds()} s`);
    const vectors = await hasVectors(db);
    if (vectors) while (!(await base.tend()));
    say(`vectors after ${seconds()} s`);
    if (kind === "postgres") await db.query("analyze opsmedic.knowledge_index");
    const questions = [
      ...readPairs("lines", "tuned"),
      ...readPairs("words", "tuned"),
      ...readPairs("nothing", "tuned"),
    ];
    const samples: number[] = [];
    for (const { question } of questions) {
      const start = performance.now();
      await base.find({ text: question, limit: 3 });
      samples.push(performance.now() - start);
    }
    return [rowOf(name, vectors, samples)];
  } finally {
    await opened.close();
  }
}

function rowOf(name: keyof typeof BARS, vectors: boolean, samples: readonly number[]): Row {
  const sorted = samples.toSorted((a, b) => a - b);
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
  const half = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return {
    role: "opsmedic",
    what: `p95 on ${name}`,
    unit: "ms",
    samples: [p95],
    bar: BARS[name],
    note: `${samples.length} questions, median ${half.toFixed(1)} ms${vectors ? "" : ", text alone: no pgvector"}`,
  };
}
