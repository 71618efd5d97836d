// A share of what the kernel allows a service, held for a while: critical just below the limit, a warning while it grows.
import type { Finding } from "../../domain/finding.ts";
import type { View } from "../detector.ts";
import { makeFinding, percent } from "./make-finding.ts";
import { sustained } from "./sustained.ts";

/** Critical here, where the next burst meets the limit; a warning from 80 % of it on. */
const CRITICAL = 0.95;

export function allowanceFinding(view: View, name: "open-files" | "threads", of: string): Finding[] {
  const high = sustained(view, name, CRITICAL);
  if (high === undefined) return [];
  const limit = high.signals.at(-1)?.limit ?? null;
  return [
    makeFinding(view, {
      kind: name,
      since: high.since,
      severity: high.severity,
      summary: `${view.service.name} has taken ${percent(high.value)} of the ${limit ?? ""} ${of}.`,
      facts: { value: high.value, limit, risen: high.risen },
      signals: high.signals,
    }),
  ];
}
