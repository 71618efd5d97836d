// Whether the knowledge base finds the case that answers, and says so where none does. The code that the product runs,
// on the embedded store with the starter pack; half of the first questions were never looked at while tuning.
import { shippedPlaybooks } from "../../../agents/playbooks/shipped.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import { subwordEmbedder } from "../../../knowledge/embedders/subword.ts";
import { makeKnowledgeBase } from "../../../knowledge/knowledge-base.ts";
import type { SearchMode } from "../../../knowledge/search/make-search.ts";
import { openStore } from "../../../knowledge/store.ts";
import { type Pair, type Part, readPairs } from "../../retrieval/pairs.ts";
import { packagedPeer } from "../../retrieval/packaged-peer.ts";
import type { Benchmark, Missing, Row } from "../benchmark.ts";

const makeId = (prefix: string): string => `${prefix}_bench`;

type Find = (question: string) => Promise<string[]>;

const parts: readonly Part[] = ["tuned", "developed", "held back"];
const modes: readonly SearchMode[] = ["hybrid", "text", "vector"];

export const retrieval: Benchmark = {
  name: "retrieval",
  title: "Finding the case that answers",
  async run({ say }) {
    const opened = await openStore({ dataDir: undefined }, { clock: systemClock, makeId });
    try {
      const base = makeKnowledgeBase({
        db: opened.db,
        kind: opened.kind,
        ...opened.store,
        embedder: subwordEmbedder,
        playbooks: shippedPlaybooks,
        clock: systemClock,
        makeId,
      });
      const rows: (Row | Missing)[] = [];
      for (const part of parts) {
        say(`the questions that were ${part}`);
        for (const mode of modes) {
          const find: Find = async (text) =>
            (await base.find({ text, mode, limit: 3 })).map(({ entry }) => entry.id);
          rows.push(...(await rowsOf(find, part, mode)));
        }
      }
      return [...rows, ...(await packagedPeer(parts, (find, part) => rowsOf(find, part, undefined)))];
    } finally {
      await opened.close();
    }
  },
};

/** With a mode: ours, with the bars of the hybrid one. */
async function rowsOf(find: Find, part: Part, mode: SearchMode | undefined): Promise<Row[]> {
  const [lines, words, nothing] = [
    readPairs("lines", part),
    readPairs("words", part),
    readPairs("nothing", part),
  ];
  const row = (what: string, value: number, count: number, bar?: number): Row => ({
    role: mode === undefined ? "peer" : "opsmedic",
    what: `${mode ?? "USE-lite vectors alone"}, ${what}, ${part}`,
    unit: "%",
    samples: [value * 100],
    note: `${count} questions`,
    ...(mode === "hybrid" && bar !== undefined && { bar }),
  });
  const ofLines = await recallOf(lines, find);
  const ofWords = await recallOf(words, find);
  return [
    row("lines @1", ofLines.first, lines.length, 92),
    row("lines @3", ofLines.third, lines.length, 98),
    row("words @1", ofWords.first, words.length),
    row("words @3", ofWords.third, words.length, 60),
    ...(mode === undefined
      ? []
      : [row("nothing similar", await rightlyNothing(nothing, find), nothing.length, 90)]),
  ];
}

/** Shares of questions whose answer is the first found, and among the first three. */
async function recallOf(pairs: readonly Pair[], find: Find): Promise<{ first: number; third: number }> {
  const places: number[] = [];
  for (const { question, answer } of pairs) places.push((await find(question)).indexOf(answer ?? ""));
  const share = (right: (place: number) => boolean): number => places.filter(right).length / pairs.length;
  return { first: share((place) => place === 0), third: share((place) => place >= 0 && place < 3) };
}

async function rightlyNothing(pairs: readonly Pair[], find: Find): Promise<number> {
  let right = 0;
  for (const { question } of pairs) if ((await find(question)).length === 0) right += 1;
  return right / pairs.length;
}
