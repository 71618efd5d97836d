// What a person can ask about what is known: failure modes with their checks and fixes, and what checks may ask for.
import type { ObservationEntry } from "../agents/evidence/catalogue.ts";
import type { JsonObject } from "../domain/json.ts";

export interface Playbooks {
  /** Each with its origin: "shipped", or the file in opsmedic.d that it comes from. */
  playbooks(): Promise<JsonObject[]>;
  /** HealError "not-found". */
  playbook(id: string): Promise<JsonObject>;
  observations(): Promise<ObservationEntry[]>;
}
