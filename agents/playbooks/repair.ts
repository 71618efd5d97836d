// What the playbooks' repairs are written with: a check that says on what, and the fix that takes its values from it.
import type { Draft } from "./common-checks.ts";

export type CheckDraft = Draft["checks"][number];
export type FixDraft = Draft["fixes"][number];
type PredictionDraft = NonNullable<Draft["predicts"]>[number];

/** The check tells on what the fix may act: it says nothing of the cause, so it weighs nothing. */
export interface Repair {
  checks: CheckDraft[];
  fixes: FixDraft[];
}

/** An action's parameters of these names, each from the check's value at that name. */
export function from(check: string, ...names: string[]) {
  return Object.fromEntries(names.map((at) => [at, { from: check, at }]));
}

/** The step that the check "governs" (a bounded step of a setting) has seen is taken. */
export function editGoverned({ id, title }: Pick<FixDraft, "id" | "title">): FixDraft {
  return {
    id,
    title,
    class: "configuration",
    risk: "medium",
    needs: ["governs"],
    actions: [{ action: "edit-setting", params: from("governs", "path", "pointer", "from", "to") }],
  };
}

/** Of the setting that "governs" has seen. */
export function stillGoverns(...settings: string[]): PredictionDraft {
  return {
    id: "still-governs",
    question: "Does the setting still stand as it was seen?",
    observe: "setting-for",
    params: { settings },
    expect: { some: true },
  };
}

/** What was never there comes by the service's own migration, if one was forgotten. */
export const runMigration: Repair = {
  checks: [
    {
      id: "migration",
      question: "Would one of the service's own migrations make it, and do nothing but add?",
      observe: "own-migration",
      expect: { is: true },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "run-migration",
      title: "Run {migration.file}, which makes {place.name}",
      class: "data",
      risk: "high",
      needs: ["place", "migration"],
      actions: [
        { action: "postgres-run-migration", params: from("migration", "file", "sha256", "table", "column") },
      ],
    },
  ],
};

/** What is missing comes back as it was kept, for PostgreSQL and MySQL alike. */
export const restoreObject = (engine: "postgres" | "mysql"): Repair => ({
  checks: [
    {
      id: "kept",
      question: "Was it there while all was well?",
      observe: "kept-object",
      expect: { is: true },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "restore-object",
      title: "Make {place.name} again as it was, empty",
      class: "data",
      risk: "high",
      needs: ["place", "kept"],
      actions: [{ action: `${engine}-restore-object`, params: from("kept", "table", "column") }],
    },
  ],
});

/** Of an index that opsmedic made, and that the check "useless" has named. */
export const dropIndex = (engine: "postgres" | "mysql"): Repair => ({
  checks: [
    {
      id: "droppable",
      question: "Is it as opsmedic made it, and does nothing rely on it?",
      observe: "droppable-index",
      expect: { is: true },
      weight: 0,
    },
  ],
  fixes: [
    {
      id: "drop-index",
      title: "Drop the index on {useless.table} ({useless.column}) again",
      class: "data",
      risk: "medium",
      needs: ["useless", "droppable"],
      actions: [{ action: `${engine}-drop-index`, params: from("droppable", "table", "column") }],
    },
  ],
});
