// Entries of the knowledge base: filed from runs (the same case is one entry whose counts go up), added, changed,
// listed. Each write keeps the search's index with it, in one transaction.
import type { Clock, MakeId } from "../domain/clock.ts";
import { createHash } from "node:crypto";
import type { JsonObject } from "../domain/json.ts";
import type { Db, Queryable } from "./db.ts";
import type {
  EntryContent,
  EntryFilter,
  EntryOutcome,
  EntryUse,
  EntryVersion,
  KnowledgeEntry,
  Lived,
} from "./entry-records.ts";
import { insertEntries, type NewEntry, readEntries, updateEntry } from "./entry-rows.ts";
import { int8, notFound, whole } from "./rows.ts";
import { type VocabularyOf, writeIndex } from "./search/index-rows.ts";
import { jsonParam } from "./storable.ts";
import { MOST_SYMPTOMS, masked, symptomLines } from "./symptom-lines.ts";

export type Entries = ReturnType<typeof makeEntries>;

export interface EntryChange extends Partial<EntryContent> {
  disabled?: boolean;
}

const tried: ReadonlySet<EntryOutcome> = new Set(["healed", "not-healed", "worse"]);
const BATCH = 500;

/** Playbook, fix and kind of target with the normalised symptom: what has the same one is the same case. */
export function sameCase(playbook: string, fix: string, targetKind: string, symptom: string): string {
  return createHash("sha256")
    .update(JSON.stringify([playbook, fix, targetKind, symptom]))
    .digest("hex");
}

export function makeEntries(
  db: Db,
  { clock, makeId, vocabularyOf }: { clock: Clock; makeId: MakeId; vocabularyOf: VocabularyOf },
) {
  return {
    /** HealError "not-found". */
    read: (id: string) => readOne(db, id),

    async readAll(ids: readonly string[]): Promise<KnowledgeEntry[]> {
      return readEntries(db, "where id = any($1::text[]) order by id", [ids]);
    },

    /** The latest first. */
    async list(
      filter: EntryFilter & { limit: number; before?: { at: number; id: string } | undefined },
    ): Promise<KnowledgeEntry[]> {
      return readEntries(
        db,
        `where ($1::text is null or target_kind = $1) and ($2::text is null or outcome = $2)
           and ($3::boolean is null or disabled = $3) and ($4::bigint is null or (at, id) < ($4, $5))
         order by at desc, id desc limit $6`,
        [
          filter.kind ?? null,
          filter.outcome ?? null,
          filter.disabled ?? null,
          filter.before?.at ?? null,
          filter.before?.id ?? "",
          filter.limit,
        ],
      );
    },

    /** One outcome. Filing the same `use` again changes nothing. The entry as it is then. */
    file: (lived: Lived & { use: string }): Promise<KnowledgeEntry> =>
      db.transaction(async (tx) => {
        const now = clock.now();
        const fresh = freshEntry(lived, makeId("kb"), now);
        await insertEntries(tx, [fresh]);
        const [known] = await readEntries(tx, "where same_as = $1 for update", [fresh.sameAs]);
        if (known === undefined) throw notFound("entry of the knowledge base", fresh.id);
        const { use, runId, incidentId, service, outcome, at } = lived;
        const added = await tx.query(
          `insert into opsmedic.knowledge_uses (entry, use, run_id, incident_id, service, outcome, at)
           values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning use`,
          [known.id, use, runId, incidentId, service, outcome, whole(at)],
        );
        if (added.length === 0) return known;
        const entry = afterUse(known, lived, now);
        await updateEntry(tx, entry);
        await writeIndex(tx, [entry], vocabularyOf);
        return entry;
      }),

    /** Those that are not there yet; how many were written. In one transaction: all or nothing. */
    insert: (entries: readonly NewEntry[]): Promise<KnowledgeEntry[]> =>
      db.transaction(async (tx) => {
        const written: KnowledgeEntry[] = [];
        for (let start = 0; start < entries.length; start += BATCH) {
          const batch = entries.slice(start, start + BATCH);
          const ids = new Set(await insertEntries(tx, batch));
          const fresh = batch.filter(({ id }) => ids.has(id));
          await writeIndex(tx, fresh, vocabularyOf);
          written.push(...fresh);
        }
        return written;
      }),

    /** Ids and `sameAs` of these that are there. */
    async presentOf(entries: readonly NewEntry[]): Promise<ReadonlySet<string>> {
      const rows = await db.query<{ id: string; same_as: string }>(
        "select id, same_as from opsmedic.knowledge where id = any($1::text[]) or same_as = any($2::text[])",
        [entries.map(({ id }) => id), entries.map(({ sameAs }) => sameAs)],
      );
      return new Set(rows.flatMap(({ id, same_as }) => [id, same_as]));
    },

    /** A new version where content changes; switching off and on is one, too. HealError "not-found". */
    change: (id: string, change: EntryChange, by: string): Promise<KnowledgeEntry> =>
      db.transaction(async (tx) => {
        const known = await readOne(tx, id, "for update");
        const entry = changed(known, change, clock.now());
        if (entry === undefined) return known;
        await updateEntry(tx, entry);
        await writeIndex(tx, [entry], vocabularyOf);
        const before = Object.fromEntries(
          Object.keys(change).map((key) => [key, known[key as keyof EntryChange]]),
        ) as JsonObject;
        await tx.query(
          `insert into opsmedic.knowledge_versions (entry, version, at, by, change)
           values ($1, $2, $3, $4, $5::jsonb)`,
          [id, entry.version, whole(entry.changedAt), by, jsonParam({ from: before, to: { ...change } })],
        );
        return entry;
      }),

    /** The latest first. */
    async uses(id: string, limit: number): Promise<EntryUse[]> {
      const rows = await db.query<EntryUse>(
        `select run_id as "runId", incident_id as "incidentId", service, outcome, at
         from opsmedic.knowledge_uses where entry = $1 order by at desc, use limit $2`,
        [id, limit],
      );
      return rows.map((one) => ({ ...one, at: int8.parse(one.at) }));
    },

    /** The latest first. */
    async versions(id: string): Promise<EntryVersion[]> {
      const rows = await db.query<EntryVersion>(
        `select version, at, by, change from opsmedic.knowledge_versions where entry = $1 order by version desc limit 100`,
        [id],
      );
      return rows.map((one) => ({ ...one, at: int8.parse(one.at) }));
    },

    /** Brings the content of those that no person changed to what is given; the others stay. */
    renew: (entries: readonly NewEntry[]): Promise<void> =>
      db.transaction(async (tx) => {
        const given = new Map(entries.map((one) => [one.id, one]));
        const known = await readEntries(
          tx,
          "where id = any($1::text[]) and version = 1 and changed_at < $2 order by id for update",
          [[...given.keys()], whole(entries[0]?.changedAt ?? 0)],
        );
        const fresh = known.flatMap((one) => {
          const to = given.get(one.id);
          return to ? [{ ...one, ...contentOf(to), changedAt: to.changedAt }] : [];
        });
        for (const one of fresh) await updateEntry(tx, one);
        await writeIndex(tx, fresh, vocabularyOf);
      }),

    /** Makes the search's rows of these anew. */
    reindex: (ids: readonly string[]): Promise<void> =>
      db.transaction(async (tx) => {
        await writeIndex(tx, await readEntries(tx, "where id = any($1::text[])", [ids]), vocabularyOf);
      }),
  };
}

async function readOne(queryable: Queryable, id: string, lock = ""): Promise<KnowledgeEntry> {
  const [entry] = await readEntries(queryable, `where id = $1 ${lock}`, [id]);
  if (entry === undefined) throw notFound("entry of the knowledge base", id);
  return entry;
}

function contentOf({ title, symptoms, vocabulary, playbook, cause, fix }: EntryContent): EntryContent {
  return { title, symptoms, vocabulary, playbook, cause, fix };
}

function freshEntry(lived: Lived, id: string, now: number): NewEntry {
  const { title, playbook, fix, cause, targetKind, service, runId, outcome, scoreBp, errorsAfter, at } =
    lived;
  return {
    id,
    sameAs: sameCase(playbook, fix, targetKind, lived.sameAs),
    origin: "learned",
    title: masked(title),
    symptoms: symptomLines(lived.symptoms),
    vocabulary: [],
    playbook,
    cause: masked(cause),
    fix: masked(fix),
    outcome,
    targetKind,
    service,
    runId,
    scoreBp,
    errorsAfter,
    disabled: false,
    version: 1,
    used: 0,
    worked: 0,
    firstAt: at,
    at,
    changedAt: now,
  };
}

/** Counts go up, further symptom lines are kept, and the last outcome stands. */
function afterUse(known: KnowledgeEntry, lived: Lived, now: number): KnowledgeEntry {
  const isTried = tried.has(lived.outcome);
  return {
    ...known,
    symptoms: symptomLines([...known.symptoms, ...lived.symptoms]).slice(0, MOST_SYMPTOMS),
    outcome: lived.outcome,
    service: lived.service,
    runId: lived.runId,
    scoreBp: lived.scoreBp,
    errorsAfter: lived.errorsAfter,
    used: known.used + (isTried ? 1 : 0),
    worked: known.worked + (lived.outcome === "healed" ? 1 : 0),
    at: Math.max(known.at, lived.at),
    changedAt: now,
  };
}

/** undefined: nothing differs. */
function changed(known: KnowledgeEntry, change: EntryChange, now: number): KnowledgeEntry | undefined {
  const { symptoms, title, cause, fix, ...rest } = change;
  const entry = {
    ...known,
    ...rest,
    ...(symptoms && { symptoms: symptomLines(symptoms) }),
    ...(title !== undefined && { title: masked(title) }),
    ...(cause !== undefined && { cause: masked(cause) }),
    ...(fix !== undefined && { fix: masked(fix) }),
  };
  if (JSON.stringify(entry) === JSON.stringify(known)) return undefined;
  return { ...entry, version: known.version + 1, changedAt: now };
}
