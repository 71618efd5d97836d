// Findings for tests, with only what a test names being special.
import type { Finding } from "../../domain/finding.ts";
import type { Incident } from "../../domain/incident.ts";
import { freshIncident } from "../../graph/fresh-incident.ts";

export function finding(signature: string, more: Partial<Finding> = {}): Finding {
  return {
    kind: "exited",
    service: "shop",
    since: 1_000,
    at: 2_000,
    severity: "critical",
    summary: `shop shows ${signature}`,
    signature,
    facts: { exitCode: 137 },
    signals: [],
    ...more,
  };
}

export function incidentOf(runId: string, more: Partial<Incident> = {}): Incident {
  return {
    ...freshIncident({ runId, service: "shop", trigger: "api", dryRun: false }),
    signals: [{ kind: "log", service: "shop", at: 1, level: "error", text: "boom", source: "stderr" }],
    findings: [finding("sig-a")],
    strategy: "IMMEDIATE_FIX",
    ...more,
  };
}
