// Builds a finding: bounded, signed, with the service and the time of the view.
import type { Finding } from "../../domain/finding.ts";
import { withoutSecrets } from "../../domain/mask-secrets.ts";
import type { Signal } from "../../domain/signal.ts";
import { signatureOf } from "../../signals/signature.ts";
import type { View } from "../detector.ts";

const SIGNALS_KEPT = 20;
const SUMMARY_LIMIT = 400;

export type Symptom = Pick<Finding, "kind" | "since" | "severity" | "summary" | "facts" | "signals"> & {
  /** Tells symptoms of one kind apart, to the letter: an exit code, a host, a check. */
  variant?: string;
  /** Words of the symptom that vary from one time to the next; compared without their numbers, names and ids. */
  words?: string;
};

export function makeFinding(view: View, symptom: Symptom): Finding {
  const { variant = "", words = "", signals, summary, ...rest } = symptom;
  const service = view.service.name;
  return {
    ...rest,
    service,
    at: view.now,
    summary: withoutSecrets(summary.length > SUMMARY_LIMIT ? `${summary.slice(0, SUMMARY_LIMIT)}…` : summary),
    signature: signatureOf(service, `${rest.kind} ${variant}`, words),
    signals: signals
      .toSorted((a, b) => a.at - b.at)
      .slice(-SIGNALS_KEPT)
      .map(masked),
  };
}

/** A finding goes into the record of its run, into answers and alerts. */
function masked(signal: Signal): Signal {
  return signal.kind === "log" ? { ...signal, text: withoutSecrets(signal.text) } : signal;
}

export function percent(ratio: number): string {
  return `${Math.round(ratio * 1000) / 10} %`;
}

export function seconds(ms: number): string {
  return `${Math.max(0, Math.round(ms / 1000))} s`;
}
