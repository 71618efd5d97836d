// Evidence: the read-only observations that playbooks' checks are made of. An observation never throws: what
// could not be seen is "unknown", with the reason, and unknown never contradicts.
import type { Observation } from "../domain/diagnosis.ts";
import type { Finding } from "../domain/finding.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Service } from "../domain/service.ts";
import type { Signal } from "../domain/signal.ts";

/** What a hypothesis is about when it is checked. */
export interface Scene {
  /** The service at fault in this hypothesis. */
  service: Service;
  /** The finding that brought the playbook up. */
  finding: Finding;
  /** All findings and signals of the run. */
  findings: readonly Finding[];
  signals: readonly Signal[];
  now: number;
}

export interface Evidence {
  observe(name: string, params: JsonObject, scene: Scene, signal?: AbortSignal): Promise<Observation>;
  names(): readonly string[];
}
