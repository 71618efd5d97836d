// The knowledge base of this process's own store.
import { HealError } from "../domain/errors.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { Store } from "../knowledge/records.ts";
import type { Found } from "../knowledge/search/make-search.ts";
import { audited } from "./audited.ts";
import type { FoundEntry, Knowledge } from "./knowledge.ts";
import type { LiveEvents } from "./operations.ts";
import type { Clock } from "../domain/clock.ts";

export interface KnowledgeParts {
  knowledge: KnowledgeBase;
  store: Pick<Store, "audit">;
  live: LiveEvents;
  clock: Pick<Clock, "now">;
}

const MOST_NEAREST = 5;
const MOST_RUNS = 50;

export function localKnowledge({ knowledge, store, live, clock }: KnowledgeParts): Knowledge {
  const told = <T>(id: string, answer: T): T => {
    live.publish({ topic: "knowledge", at: clock.now(), data: { type: "changed", id } });
    return answer;
  };
  return {
    async knowledge({ q, limit, cursor, ...filter }) {
      if (q !== undefined) {
        const found = await knowledge.find({ text: q, limit, ...filter });
        return { entries: found.map(asFound), next_cursor: null };
      }
      const before = cursor === undefined ? undefined : entryCursor(cursor);
      const all = await knowledge.list({ ...filter, limit: limit + 1, before });
      const page = all.slice(0, limit);
      const last = page.at(-1);
      const next_cursor = all.length > limit && last ? `${last.at}-${last.id}` : null;
      return { entries: page.map((one) => ({ ...one, similarity: null })), next_cursor };
    },
    async knowledgeEntry(id) {
      const entry = await knowledge.read(id);
      const [history, runs, nearest] = await Promise.all([
        knowledge.versions(id),
        knowledge.uses(id, MOST_RUNS),
        knowledge.neighbours(entry, MOST_NEAREST),
      ]);
      return { ...entry, history, runs, nearest: nearest.map(asFound) };
    },
    addKnowledge: (entry, actor) =>
      audited(store.audit, actor, "knowledge.add", entry.title, { playbook: entry.playbook }, async () => {
        const added = await knowledge.add(entry);
        return told(added.id, added);
      }),
    changeKnowledge: (id, change, actor) =>
      audited(store.audit, actor, "knowledge.change", id, { ...change }, async () =>
        told(id, await knowledge.change(id, change, actor.name)),
      ),
    importKnowledge({ jsonl, count_outcomes = false, dry_run = false }, actor) {
      const options = { countOutcomes: count_outcomes, dryRun: dry_run };
      if (dry_run) return knowledge.importLines(jsonl, options);
      const detail = { lines: jsonl.split("\n").length, count_outcomes };
      return audited(store.audit, actor, "knowledge.import", "knowledge", detail, async () =>
        told("*", await knowledge.importLines(jsonl, options)),
      );
    },
    exportKnowledge: async (filter) => ({ jsonl: await knowledge.exportLines(filter) }),
  };
}

const asFound = ({ entry, similarity }: Found): FoundEntry => ({ ...entry, similarity });

function entryCursor(cursor: string): { at: number; id: string } {
  const [, at, id] = /^(-?\d{1,16})-(.+)$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined)
    throw new HealError("The cursor is none of ours.", {
      code: "bad-cursor",
      hint: "Take next_cursor of the page before.",
    });
  return { at: Number(at), id };
}
