// An action: a typed, reversible step of a repair. Capture first, then apply, verify, and undo when it did not
// help. Every action moves towards an absolute state (restart: "an instance newer than the captured one"), so
// that after a crash the world itself tells whether it was done, and it is never done twice.
import type { z } from "zod";
import type { Json, JsonObject } from "../domain/json.ts";
import type { Effect } from "../domain/plan.ts";
import type { FixClass, Risk } from "../domain/playbook.ts";
import type { Service } from "../domain/service.ts";
import type { DatabaseInspectors } from "./database-inspector.ts";
import type { ServiceFiles } from "./service-files.ts";
import type { Target } from "./target.ts";

export interface CapturedFile {
  path: string;
  /** null: the file did not exist. */
  content: string | null;
  mode: number;
}

/** What is needed to take the action back, as plain data; goes into the backup. */
export interface Captured {
  state: Json;
  files: CapturedFile[];
}

export interface ActionContext {
  service: Service;
  /** undefined where nothing of ours runs; an action that needs it throws HealError "no-target". */
  target: Target | undefined;
  /** undefined where the configuration names no files. */
  files: ServiceFiles | undefined;
  /** The connections that the looks keep; absent: nobody looks into databases. */
  databases?: Pick<DatabaseInspectors, "of"> | undefined;
  signal: AbortSignal;
}

export interface Action<Params extends JsonObject = JsonObject> {
  /** "docker.restart" style names are avoided: an action says what happens to a service: "restart", "edit-setting". */
  readonly name: string;
  readonly summary: string;
  readonly undoes: string;
  readonly class: FixClass;
  readonly effect: Effect;
  readonly risk: Risk;
  readonly params: z.ZodType<Params>;
  /** Longest that one capture, apply, verify or undo may take; absent: a minute. */
  readonly limitMs?: number;
  /** It acts on what runs: of no use where nothing of ours does. */
  readonly needsTarget?: true;
  /** Its undo comes after all others, and after the restart that they may need. */
  readonly undoneLast?: true;
  /** Rough time the service cannot serve, for the blast radius. */
  downtimeMs(params: Params): number;

  /** The captured files as apply would leave them, for whoever must approve; absent: no file is changed. */
  wouldBe?(params: Params, captured: Captured): Pick<CapturedFile, "path" | "content">[];
  /** What apply would run, to the letter, for whoever must approve; absent: the summary says it all. */
  preview?(params: Params, captured: Captured): string;
  capture(params: Params, context: ActionContext): Promise<Captured>;
  apply(params: Params, captured: Captured, context: ActionContext): Promise<string>;
  /** Is the world in the state that apply aims at? Also the answer after a crash in the middle of apply. */
  verify(params: Params, captured: Captured, context: ActionContext): Promise<{ ok: boolean; text: string }>;
  /** Back to what was captured; may be called twice, and after a half-done apply. */
  undo(params: Params, captured: Captured, context: ActionContext): Promise<string>;
  /** Is the world as it was captured again? `stays`: it is not, and well so, since somebody relies on what was made. */
  verifyUndo(
    params: Params,
    captured: Captured,
    context: ActionContext,
  ): Promise<{ ok: boolean; text: string; stays?: true }>;
}

/** The catalogue, by name. */
export interface Actions {
  get(name: string): Action | undefined;
  all(): readonly Action[];
}
