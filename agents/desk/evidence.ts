// The evidence of an incident, the most telling first: what tells the cause from its rivals, then what weighs most for
// or against it, then the symptoms, then the lines that they rest on.
import { z } from "zod";
import type { CheckResult, Hypothesis } from "../../domain/diagnosis.ts";
import { severities } from "../../domain/finding.ts";
import { only } from "../../domain/signal.ts";
import { checkPoints, TEXT_OBSERVATIONS } from "../confidence.ts";
import { type IncidentFile, lastState } from "./incident-file.ts";

export const evidenceSchema = z.object({
  kind: z.enum(["check", "finding", "log"]),
  service: z.string(),
  at: z.number(),
  /** What was asked, or seen. */
  title: z.string(),
  /** What was found. */
  text: z.string(),
  verdict: z.enum(["supports", "contradicts", "unknown"]).nullable(),
  /** Basis points that it adds to or takes from the likeliest cause. */
  points: z.int(),
  /** Tells the cause from its likeliest rival. */
  discriminating: z.boolean(),
  severity: z.enum(severities).nullable(),
  /** The run in which it was seen. */
  ref: z.string(),
});
export type EvidenceItem = z.infer<typeof evidenceSchema>;

const MOST_LINES = 50;

export function evidenceOf(file: IncidentFile): EvidenceItem[] {
  const state = lastState(file);
  if (state === undefined) return [];
  const ref = state.runId;
  const [top] = state.diagnosis?.hypotheses ?? [];
  const checks = (top?.checks ?? []).map((one) => checked(one, top, ref));
  const findings = state.findings.map((one) => ({
    kind: "finding" as const,
    service: one.service,
    at: one.at,
    title: one.kind,
    text: one.summary,
    verdict: null,
    points: 0,
    discriminating: false,
    severity: one.severity,
    ref,
  }));
  const lines = only(
    state.findings.flatMap((one) => one.signals),
    "log",
  ).slice(-MOST_LINES);
  const logs = lines.map((one) => ({
    kind: "log" as const,
    service: one.service,
    at: one.at,
    title: one.source,
    text: one.text,
    verdict: null,
    points: 0,
    discriminating: false,
    severity: null,
    ref,
  }));
  return [...checks.toSorted((a, b) => telling(b) - telling(a)), ...findings, ...logs];
}

function checked(one: CheckResult, top: Hypothesis | undefined, ref: string): EvidenceItem {
  const { observation, question, verdict } = one;
  return {
    kind: "check",
    service: top?.service ?? "",
    at: observation.at,
    title: question,
    text: observation.status === "known" ? observation.text : observation.reason,
    verdict,
    points: checkPoints(one),
    discriminating: one.discriminating && !TEXT_OBSERVATIONS.has(observation.name),
    severity: null,
    ref,
  };
}

/** What was measured and sets the cause apart leads; the unknown tells nothing. */
function telling({ points, discriminating, verdict }: EvidenceItem): number {
  if (verdict === "unknown") return -1;
  return Math.abs(points) + (discriminating && points > 0 ? 100_000 : 0);
}
