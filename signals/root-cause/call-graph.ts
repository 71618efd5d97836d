// Who calls whom: declared dependencies and those learned from traces, as one graph. Cycles are allowed.
import type { Dependency } from "./evidence.ts";

export interface CallGraph {
  services: readonly string[];
  callees: (service: string) => readonly string[];
  callers: (service: string) => readonly string[];
}

/** Names that only dependencies mention are services too; a service that needs itself says nothing. */
export function callGraph(services: Iterable<string>, dependencies: Iterable<Dependency>): CallGraph {
  const down = new Map<string, Set<string>>();
  const up = new Map<string, Set<string>>();
  const all = new Set(services);
  for (const { from, to } of dependencies) {
    all.add(from).add(to);
    if (from === to) continue;
    linked(down, from).add(to);
    linked(up, to).add(from);
  }
  return { services: [...all], callees: lookedUp(down), callers: lookedUp(up) };
}

function lookedUp(map: ReadonlyMap<string, Set<string>>): (service: string) => readonly string[] {
  const lists = new Map([...map].map(([service, others]) => [service, [...others]]));
  return (service) => lists.get(service) ?? [];
}

function linked(map: Map<string, Set<string>>, service: string): Set<string> {
  const known = map.get(service);
  if (known) return known;
  const made = new Set<string>();
  map.set(service, made);
  return made;
}

/** Steps from a service to each one that can be reached along `next`; the service itself at 0. Breadth first. */
export function stepsFrom(
  service: string,
  next: (service: string) => readonly string[],
): Map<string, number> {
  const steps = new Map([[service, 0]]);
  for (const [at, distance] of steps) {
    for (const other of next(at)) if (!steps.has(other)) steps.set(other, distance + 1);
  }
  return steps;
}
