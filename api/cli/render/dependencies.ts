// Dependencies on the command line: one line each.
import type { DependencyAnswer } from "../../dependencies.ts";
import { type Paint, plain } from "../terminal.ts";
import { table } from "./table.ts";
import { percentOfRatio, span } from "./words.ts";

const EMPTY = "No service has dependsOn, and no trace shows a call. Services send traces to POST /v1/traces.";

export function renderDependencies(all: readonly DependencyAnswer[], paint: Paint = plain): string {
  return table(["FROM", "TO", "KNOWN", "CALLS/MIN", "FAILED", "P95"], all.map(rowOf), {
    paint,
    align: ["left", "left", "left", "right", "right", "right"],
    empty: EMPTY,
  });
}

function rowOf(one: DependencyAnswer): string[] {
  const { calls_per_minute: calls, error_share: failed, p95_ms: p95 } = one;
  return [
    one.from,
    one.to,
    knownBy(one),
    calls === null ? "–" : calls.toFixed(1),
    percentOfRatio(failed),
    p95 === null ? "–" : span(p95),
  ];
}

function knownBy({ declared, learned }: DependencyAnswer): string {
  if (declared) return learned ? "declared, learned" : "declared";
  return learned ? "learned" : "seen seldom";
}
