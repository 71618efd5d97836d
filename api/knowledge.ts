// What a person can ask of, and change in, the knowledge base.
import type {
  EntryContent,
  EntryOutcome,
  EntryUse,
  EntryVersion,
  KnowledgeEntry,
} from "../knowledge/entry-records.ts";
import type { ImportAnswer } from "../knowledge/import-lines.ts";
import type { SearchMode } from "../knowledge/search/make-search.ts";
import type { Actor } from "./operations.ts";

/** `similarity`: 0–1 where something was searched for, else null. */
export interface FoundEntry extends KnowledgeEntry {
  similarity: number | null;
}

export interface EntryStory extends KnowledgeEntry {
  /** What persons changed, the latest first. */
  history: EntryVersion[];
  /** Runs that met it, the latest first. */
  runs: EntryUse[];
  nearest: FoundEntry[];
}

export interface EntryChanges extends Partial<EntryContent> {
  disabled?: boolean;
}

export interface Knowledge {
  /** With `q` what is similar, best first; else all, the latest first. HealError "bad-cursor". */
  knowledge(query: {
    q?: string;
    kind?: string;
    outcome?: EntryOutcome;
    mode?: SearchMode;
    limit: number;
    cursor?: string;
  }): Promise<{ entries: FoundEntry[]; next_cursor: string | null }>;
  /** HealError "not-found". */
  knowledgeEntry(id: string): Promise<EntryStory>;
  /** HealError "already-known". */
  addKnowledge(entry: EntryContent & { targetKind: string }, actor: Actor): Promise<KnowledgeEntry>;
  /** A new version. HealError "not-found". */
  changeKnowledge(id: string, change: EntryChanges, actor: Actor): Promise<KnowledgeEntry>;
  /** JSON lines, all or nothing. HealError "import-invalid". */
  importKnowledge(
    request: { jsonl: string; count_outcomes?: boolean; dry_run?: boolean },
    actor: Actor,
  ): Promise<ImportAnswer>;
  /** JSON lines. */
  exportKnowledge(query: { kind?: string; outcome?: EntryOutcome }): Promise<{ jsonl: string }>;
}
