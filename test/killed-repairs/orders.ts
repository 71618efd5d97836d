// What a test of killed repairs says to an opsmedic process, and what it hears back.
import type { JsonObject } from "../../domain/json.ts";
import type { Effect } from "../../domain/plan.ts";
import type { Service } from "../../domain/service.ts";
import type { JournalState } from "../../knowledge/records.ts";

export interface Repair {
  runId: string;
  action: string;
  params: JsonObject;
  effect: Effect;
  service: Service;
}

export interface Order {
  /** repair: from its backup on, and what a killed one left of it is gone on with; taken back where that fails. */
  do: "repair" | "take back";
  repair: Repair;
  /** The boundary of the journal at which it kills itself (test/crash/boundaries.ts). */
  dieAt?: string | undefined;
}

export interface Reply {
  /** Of its one step, at the end. */
  state: JournalState;
  text: string;
}
