// Dependencies out of the configuration and, where traces are taken, out of the calls of the last half hour.
import { type CallWatch, isRelied } from "../agents/call-watch.ts";
import { declaredDependencies } from "../agents/dependency-graph.ts";
import type { Service } from "../domain/service.ts";
import type { CallEdge } from "../signals/calls/call-edges.ts";
import type { Dependencies, DependencyAnswer } from "./dependencies.ts";

export interface DependenciesParts {
  services: () => readonly Service[];
  /** Absent where nobody takes traces: the command line without a server. */
  calls?: Pick<CallWatch, "edges">;
}

export function localDependencies({ services, calls }: DependenciesParts): Dependencies {
  return {
    dependencies({ service }) {
      const seen = calls?.edges() ?? [];
      const declared = declaredDependencies(services());
      const keys = new Set(declared.map(keyOf));
      const known = new Set(seen.map(keyOf));
      const all = [
        ...seen.map((one) => answerOf(one, keys.has(keyOf(one)))),
        ...declared.filter((one) => !known.has(keyOf(one))).map(unseen),
      ];
      const fits = ({ from, to }: DependencyAnswer) =>
        service === undefined || from === service || to === service;
      return Promise.resolve(all.filter(fits));
    },
  };
}

function keyOf({ from, to }: { from: string; to: string }): string {
  return JSON.stringify([from, to]);
}

function answerOf(edge: CallEdge, declared: boolean): DependencyAnswer {
  const { from, to, callsPerMinute, errorShare = null, p95 = null, lastAt } = edge;
  return {
    from,
    to,
    declared,
    learned: isRelied(edge),
    calls_per_minute: callsPerMinute,
    error_share: errorShare,
    p95_ms: p95,
    last_call_at: lastAt,
  };
}

function unseen({ from, to }: { from: string; to: string }): DependencyAnswer {
  return {
    from,
    to,
    declared: true,
    learned: false,
    calls_per_minute: null,
    error_share: null,
    p95_ms: null,
    last_call_at: null,
  };
}
