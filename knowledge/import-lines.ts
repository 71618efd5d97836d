// Takes JSON lines in: all or nothing, the same lines again change nothing. Outcomes of others stay others': they
// change no score, unless whoever imports says that they are to count.
import type { Entries } from "./entries.ts";
import { type CaseLine, entryOf, outcomeOf, readLines } from "./jsonl.ts";
import type { Cases } from "./records.ts";
import type { NewEntry } from "./entry-rows.ts";

export interface ImportAnswer {
  lines: number;
  /** Entries that were written, or would be. */
  imported: number;
  /** Lines that were known already. */
  known: number;
  /** Outcomes that count for the learning rule from now on. */
  counted: number;
}

export async function importLines(
  parts: {
    entries: Pick<Entries, "insert" | "presentOf">;
    cases: Pick<Cases, "file">;
    now: number;
  },
  jsonl: string,
  { countOutcomes, dryRun }: { countOutcomes: boolean; dryRun: boolean },
): Promise<ImportAnswer> {
  const { entries, cases, now } = parts;
  const lines = readLines(jsonl);
  const all = lines.map((line) => entryOf(line, countOutcomes, now));
  const unique = [...new Map(all.map((one) => [one.sameAs, one])).values()];
  const present = await entries.presentOf(unique);
  const fresh = unique.filter((one) => !present.has(one.id) && !present.has(one.sameAs));
  const answer = { lines: lines.length, imported: fresh.length, known: lines.length - fresh.length };
  const counted = countOutcomes ? lines.flatMap((line, place) => ownCase(line, all[place]) ?? []) : [];
  if (dryRun) return { ...answer, counted: counted.length };
  await entries.insert(fresh);
  // A case has an id made of the line, so that the same outcome never counts twice.
  for (const one of counted) await cases.file(one);
  return { ...answer, counted: counted.length };
}

/** Only what was really tried says whether it helps. */
function ownCase(line: CaseLine, entry: NewEntry | undefined): Parameters<Cases["file"]>[0] | undefined {
  const outcome = outcomeOf(line);
  if (entry === undefined || (outcome !== "healed" && outcome !== "not-healed" && outcome !== "worse"))
    return undefined;
  const id = `case_import_${entry.sameAs.slice(0, 16)}_${entry.at.toString(36)}`;
  return {
    id,
    runId: "import",
    incidentId: null,
    // Of none of ours: what went wrong elsewhere opens no breaker here.
    service: "",
    targetKind: entry.targetKind,
    signature: "",
    symptom: entry.symptoms[0] ?? entry.title,
    playbook: entry.playbook,
    fix: entry.fix,
    fixClass: "human",
    planHash: "",
    undone: false,
    strategy: "AI_POWERED",
    outcome,
    scoreBp: entry.scoreBp ?? 0,
    healMs: null,
    at: entry.at,
  };
}
