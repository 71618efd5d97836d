// The knowledge base: what was lived through here, what is generally known, what others sent. Filed, searched, changed,
// taken out and in. Filled and brought up to date at the first need, so that a start waits for none of it.
import type { Clock, MakeId } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { Db } from "./db.ts";
import type { Embedder } from "./embedder.ts";
import { subwordEmbedder } from "./embedders/subword.ts";
import { type EmbeddingWork, makeEmbeddingWork } from "./embedding-work.ts";
import { type Entries, type EntryChange, makeEntries, sameCase } from "./entries.ts";
import type { EntryContent, EntryFilter, KnowledgeEntry, Lived } from "./entry-records.ts";
import { importLines, type ImportAnswer } from "./import-lines.ts";
import { asLine } from "./jsonl.ts";
import type { Recall, RecalledCase, RecallQuestion } from "./recall.ts";
import type { Cases, Settings } from "./records.ts";
import type { Vocabulary } from "./search/question.ts";
import { type Found, makeSearch, type SearchMode } from "./search/make-search.ts";
import { loadStarter } from "./starter/load-starter.ts";
import { masked, symptomLines } from "./symptom-lines.ts";
import { otherKinds } from "./target-kinds.ts";
import { makeVectors } from "./vectors.ts";

export interface KnowledgeBase extends Recall {
  /** The same without loading the starter pack first: for a repair, which waits for nothing that can wait. */
  atHand: Recall;
  /** Best first. `targetKind`: as recall.ts has it. */
  find(
    search: { text: string; mode?: SearchMode | undefined; limit: number } & EntryFilter & {
        targetKind?: string;
      },
    signal?: AbortSignal,
  ): Promise<Found[]>;
  list: Entries["list"];
  /** HealError "not-found". */
  read(id: string): Promise<KnowledgeEntry>;
  uses: Entries["uses"];
  versions: Entries["versions"];
  /** Entries like this one, without it. */
  neighbours(entry: KnowledgeEntry, limit: number): Promise<Found[]>;
  file(lived: Lived & { use: string }): Promise<KnowledgeEntry>;
  /** HealError "already-known" where the same was added before. */
  add(content: EntryContent & { targetKind: string }): Promise<KnowledgeEntry>;
  /** HealError "not-found". */
  change(id: string, change: EntryChange, by: string): Promise<KnowledgeEntry>;
  /** All or nothing. HealError "import-invalid". */
  importLines(jsonl: string, options: { countOutcomes: boolean; dryRun: boolean }): Promise<ImportAnswer>;
  exportLines(filter: EntryFilter): Promise<string>;
  /** A round of what is done in the background; true when nothing is left. */
  tend(signal?: AbortSignal): Promise<boolean>;
}

export interface KnowledgeBaseParts {
  db: Db;
  kind: "embedded" | "postgres";
  cases: Pick<Cases, "file">;
  settings: Settings;
  embedder: Embedder;
  playbooks: readonly Vocabulary[];
  clock: Clock;
  makeId: MakeId;
  /** Vectors that could not be had, background work that failed. */
  onProblem?: (error: unknown) => void;
}

const BATCHES_A_ROUND = 8;
const EXPORT_PAGE = 500;
/** Lines of a recall that are looked up. */
const MOST_QUESTIONS = 6;

export function makeKnowledgeBase(parts: KnowledgeBaseParts): KnowledgeBase {
  const { db, kind, cases, settings, embedder, playbooks, clock, makeId, onProblem } = parts;
  const vocabularies = new Map(playbooks.map(({ id, vocabulary }) => [id, vocabulary]));
  const entries = makeEntries(db, { clock, makeId, vocabularyOf: (playbook) => vocabularies.get(playbook) });
  const vectors = makeVectors(db, kind);
  const work: EmbeddingWork = makeEmbeddingWork({ db, entries, vectors, embedder });
  const search = makeSearch({
    db,
    vectors,
    // After a change of the model those that still have an offline vector are found by it.
    embedders: () => (embedder.instant || !work.behind() ? [embedder] : [embedder, subwordEmbedder]),
    playbooks,
    ...(onProblem && { onProblem }),
  });

  let loading: Promise<void> | undefined;
  /** Once; where it failed, again at the next need. */
  function ready(): Promise<void> {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }

  async function load(): Promise<void> {
    await loadStarter({ settings, entries, now: clock.now() });
    if (embedder.instant) await work.round(BATCHES_A_ROUND);
  }

  /** The entry stands, whatever becomes of its vector: the next round makes it. */
  async function withVector(entry: KnowledgeEntry): Promise<KnowledgeEntry> {
    if (embedder.instant) await work.embed([entry]).catch((error: unknown) => onProblem?.(error));
    return entry;
  }

  async function similarNow(
    { text, targetKind, limit }: RecallQuestion,
    signal?: AbortSignal,
  ): Promise<RecalledCase[]> {
    // Line by line: a case is about one of them, and the others would only hide it.
    const best = new Map<string, Found>();
    const questions = text.split("\n").filter((line) => line.trim() !== "");
    const without = targetKind === undefined ? [] : otherKinds(targetKind);
    for (const question of questions.slice(0, MOST_QUESTIONS)) {
      for (const one of await search.find({ text: masked(question), without, limit }, signal)) {
        if ((best.get(one.entry.id)?.similarity ?? -1) < one.similarity) best.set(one.entry.id, one);
      }
    }
    const ordered = questions.length === 1 ? [...best.values()] : bySimilarity([...best.values()]);
    return ordered.slice(0, limit).map(recalled);
  }

  const base: KnowledgeBase = {
    async similar(question, signal) {
      await ready();
      return similarNow(question, signal);
    },
    atHand: { similar: similarNow },
    async find({ text, mode, limit, kind: wanted, outcome, targetKind }, signal) {
      await ready();
      const without = targetKind === undefined ? [] : otherKinds(targetKind);
      // A filter that the search does not know is applied to more than is wanted.
      const narrow = wanted !== undefined || outcome !== undefined;
      const found = await search.find(
        { text: masked(text), mode, without, limit: narrow ? 40 : limit },
        signal,
      );
      return found
        .filter(({ entry }) => wanted === undefined || entry.targetKind === wanted)
        .filter(({ entry }) => outcome === undefined || entry.outcome === outcome)
        .slice(0, limit);
    },
    async list(filter) {
      await ready();
      return entries.list(filter);
    },
    async read(id) {
      await ready();
      return entries.read(id);
    },
    uses: entries.uses,
    versions: entries.versions,
    async neighbours(entry, limit) {
      const text = [entry.title, ...entry.symptoms].join("\n");
      const found = await base.find({ text, limit: limit + 1 });
      return found.filter((one) => one.entry.id !== entry.id).slice(0, limit);
    },
    file: async (lived) => withVector(await entries.file(lived)),
    async add(content) {
      await ready();
      const now = clock.now();
      const entry = addedEntry(content, makeId("kb"), now);
      const [written] = await entries.insert([entry]);
      if (written === undefined) throw alreadyKnown();
      return withVector(written);
    },
    async change(id, change, by) {
      await ready();
      return withVector(await entries.change(id, change, by));
    },
    async importLines(jsonl, options) {
      await ready();
      const answer = await importLines({ entries, cases, now: clock.now() }, jsonl, options);
      if (embedder.instant && answer.imported > 0 && !options.dryRun) {
        await work.round(BATCHES_A_ROUND).catch((error: unknown) => onProblem?.(error));
      }
      return answer;
    },
    async exportLines(filter) {
      await ready();
      const lines: string[] = [];
      for (let before: { at: number; id: string } | undefined; ; ) {
        const page = await entries.list({ ...filter, limit: EXPORT_PAGE, before });
        lines.push(...page.map(asLine));
        const last = page.at(-1);
        if (last === undefined || page.length < EXPORT_PAGE) return lines.map((line) => `${line}\n`).join("");
        before = { at: last.at, id: last.id };
      }
    },
    async tend(signal) {
      await ready();
      return work.round(BATCHES_A_ROUND, signal);
    },
  };
  return base;
}

function bySimilarity(found: readonly Found[]): Found[] {
  return found.toSorted((a, b) => b.similarity - a.similarity || (a.entry.id < b.entry.id ? -1 : 1));
}

function recalled({ entry, similarity }: Found): RecalledCase {
  const { id, title, symptoms, playbook, cause, fix, outcome, origin, runId, service, at } = entry;
  const own = origin === "learned";
  return {
    id,
    title,
    symptoms,
    playbook,
    cause,
    fix,
    outcome: own ? outcome : "known",
    runId: own ? runId : null,
    service: own ? service : null,
    at,
    similarity,
  };
}

function addedEntry(content: EntryContent & { targetKind: string }, id: string, now: number) {
  const symptoms = symptomLines(content.symptoms);
  return {
    ...content,
    id,
    title: masked(content.title),
    symptoms,
    vocabulary: content.vocabulary.map(masked),
    cause: masked(content.cause),
    fix: masked(content.fix),
    sameAs: sameCase(
      content.playbook,
      content.fix,
      content.targetKind,
      [content.title, ...symptoms].join("\n"),
    ),
    origin: "added" as const,
    outcome: "known" as const,
    service: null,
    runId: null,
    scoreBp: null,
    errorsAfter: null,
    disabled: false,
    version: 1,
    used: 0,
    worked: 0,
    firstAt: now,
    at: now,
    changedAt: now,
  };
}

function alreadyKnown(): HealError {
  return new HealError("The same case is known already.", {
    code: "already-known",
    hint: "Search for its title, and change the one that is there.",
  });
}
