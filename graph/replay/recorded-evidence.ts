// Evidence out of a record: every observation that a diagnosis made is answered again as it was; what it did not look at
// is unknown.
import type { Evidence } from "../../agents/evidence.ts";
import type { Diagnosis, Observation } from "../../domain/diagnosis.ts";
import { canonicalJson, type JsonObject } from "../../domain/json.ts";

export function recordedEvidence({ hypotheses }: Pick<Diagnosis, "hypotheses">): Evidence {
  const seen = new Map<string, Observation>();
  for (const { service, checks } of hypotheses) {
    for (const { observation } of checks) {
      seen.set(keyOf(observation.name, observation.params, service), observation);
    }
  }
  const names = [...new Set([...seen.values()].map((one) => one.name))];
  return {
    names: () => names,
    observe(name, params, { service, now }) {
      const known = seen.get(keyOf(name, params, service.name));
      const reason = "the run did not look at it, so its record does not tell";
      return Promise.resolve(known ?? { status: "unknown", name, params, at: now, reason });
    },
  };
}

function keyOf(name: string, params: JsonObject, service: string): string {
  return `${name} ${canonicalJson(params)} ${service}`;
}
