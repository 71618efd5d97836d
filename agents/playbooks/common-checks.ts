// Checks that several playbooks ask in the same words. Weights are theirs to choose: what rules out one cause may
// say little about another.
import type { Check, Playbook } from "../../domain/playbook.ts";
import { playbookSchema } from "../../domain/playbook.ts";
import type { z } from "zod";
import type { LogPattern } from "../evidence/log-patterns.ts";

export type Draft = z.input<typeof playbookSchema>;
export type CheckDraft = Draft["checks"][number];
type Weights = Pick<Check, "weight" | "against"> & { discriminates?: string[] };

/** Every shipped playbook goes through the schema that users' own go through. */
export function playbook(draft: Draft): Playbook {
  return playbookSchema.parse(draft);
}

export const running = (weights: Weights): CheckDraft => ({
  id: "running",
  question: "Does the process still run?",
  observe: "exit-status",
  expect: { is: "running" },
  ...weights,
});

export const unchanged = (weights: Weights): CheckDraft => ({
  id: "unchanged",
  question: "Are its files as they were while it was well?",
  observe: "changed-files",
  expect: { none: true },
  ...weights,
});

export const dependenciesWell = (weights: Weights): CheckDraft => ({
  id: "dependencies-well",
  question: "Is everything it depends on well?",
  observe: "dependency-level",
  expect: { oneOf: ["healthy", "warning"] },
  ...weights,
});

export const dependenciesAnswer = (weights: Weights): CheckDraft => ({
  id: "dependencies-answer",
  question: "Do its dependencies answer when asked now?",
  observe: "dependency-probe",
  expect: { is: "ok" },
  ...weights,
});

/** What the machine lacks, all that runs on it lacks. */
export const neighboursSuffer = (weights: Weights): CheckDraft => ({
  id: "neighbours-suffer",
  question: "Is nothing else well that runs here?",
  observe: "healthy-neighbour",
  params: { ours: true },
  expect: { none: true },
  ...weights,
});

export const notForMemory = (weights: Weights): CheckDraft => ({
  id: "not-for-memory",
  question: "Did it end for another reason than its memory?",
  observe: "oom-killed",
  expect: { is: false },
  ...weights,
});

export const inOperation = (weights: Weights): CheckDraft => ({
  id: "in-operation",
  question: "Did it begin in the middle of operation, not with a start or a change?",
  observe: "error-began",
  expect: { is: "in-operation" },
  ...weights,
});

export const suspected = (weights: Weights): CheckDraft => ({
  id: "suspected",
  question: "Does what is known of all services point to it?",
  observe: "suspected-cause",
  expect: { is: "leading" },
  ...weights,
});

export const loadSteady = (weights: Weights): CheckDraft => ({
  id: "load-steady",
  question: "Is there no more to do than before?",
  observe: "request-trend",
  expect: { is: "steady" },
  ...weights,
});

export const notRunning = (weights: Weights): CheckDraft => ({
  id: "not-running",
  question: "Does it not run?",
  observe: "exit-status",
  expect: { isNot: "running" },
  ...weights,
});

export const neverWell = (weights: Weights): CheckDraft => ({
  id: "never-well",
  question: "Was it never well since its last start?",
  observe: "never-well",
  expect: { is: true },
  ...weights,
});

export const startedByRuntime = (weights: Weights): CheckDraft => ({
  id: "started",
  question: "Could its command be run at all?",
  observe: "start-error",
  expect: { none: true },
  ...weights,
});

/** Words of its log: they support, and never tell a cause from its rivals. */
export const logSays = (pattern: LogPattern, weights: Weights, atLeast = 1): CheckDraft => ({
  id: "says-so",
  question: "Does the log say so?",
  observe: "log-pattern",
  params: { pattern },
  expect: { atLeast },
  ...weights,
});

/** Nobody has restarted it meanwhile: what is to be ended is what was seen. */
export const SAME_INSTANCE: NonNullable<Draft["predicts"]>[number] = {
  id: "same-instance",
  question: "Is it still the instance that showed the symptom?",
  observe: "same-instance",
  expect: { is: true },
};

/** The runtime has not brought it back by itself. */
export const STILL_DOWN: NonNullable<Draft["predicts"]>[number] = {
  id: "still-down",
  question: "Does it still not run?",
  observe: "exit-status",
  expect: { isNot: "running" },
};

export const START: Draft["fixes"][number] = {
  id: "start",
  title: "Start the service again",
  class: "restart",
  risk: "low",
  actions: [{ action: "start" }],
};

export const RESTART: Draft["fixes"][number] = {
  id: "restart",
  title: "Restart the service",
  class: "restart",
  risk: "low",
  actions: [{ action: "restart" }],
};

/** Without weight: it says what could be done, not what the cause is. */
export const clearable = (of: "space" | "entries", atLeast: number): CheckDraft => ({
  id: "clearable",
  question: "Does its owner give up enough of what lies there?",
  observe: "clearable-space",
  params: { of },
  expect: { atLeast },
  weight: 0,
  against: 0,
});

export const FREE_SPACE: Draft["fixes"][number] = {
  id: "free-space",
  title: "Clear what its owner gives up, and keep a copy until it has proved itself: {clearable}",
  class: "data",
  risk: "medium",
  needs: ["clearable"],
  actions: [
    {
      action: "free-space",
      params: { at: { from: "clearable", at: "at" }, items: { from: "clearable", at: "items" } },
    },
  ],
};

/** Where a database server says that it writes to the full disk, that is its own cause, with its own repair. */
export const NO_DATABASES_DISK: CheckDraft = {
  id: "no-databases-disk",
  question: "Is it another disk than the one on which a database writes?",
  observe: "database-disk",
  expect: { atMost: 0.949 },
  weight: 0,
  against: 3_000,
};

export const REMOVABLE_IMAGES: CheckDraft = {
  id: "images",
  question: "Does its owner give up images that nobody uses?",
  observe: "removable-images",
  expect: { atLeast: 0.01 },
  weight: 0,
  against: 0,
};

export const REMOVE_IMAGES: Draft["fixes"][number] = {
  id: "remove-images",
  title: "Remove images that no container uses, and keep a copy until it has proved itself: {images}",
  class: "configuration",
  risk: "medium",
  needs: ["images"],
  actions: [
    {
      action: "remove-images",
      params: { at: { from: "images", at: "at" }, images: { from: "images", at: "images" } },
    },
  ],
};

export const REMOVABLE_CONTAINERS: CheckDraft = {
  id: "containers",
  question: "Does its owner give up containers that have ended?",
  observe: "removable-containers",
  expect: { atLeast: 0.01 },
  weight: 0,
  against: 0,
};

export const REMOVE_CONTAINERS: Draft["fixes"][number] = {
  id: "remove-containers",
  title: "Remove containers that have ended, and keep all of each until it has proved itself: {containers}",
  class: "data",
  risk: "medium",
  needs: ["containers"],
  actions: [
    {
      action: "remove-containers",
      params: { at: { from: "containers", at: "at" }, containers: { from: "containers", at: "containers" } },
    },
  ],
};

export const human = (title: string): Draft["fixes"][number] => ({
  id: "human",
  title,
  class: "human",
  risk: "low",
  actions: [],
});
