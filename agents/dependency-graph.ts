// Who needs whom, as the configuration says and traces show.
import type { Service } from "../domain/service.ts";
import { type CallGraph, callGraph } from "../signals/root-cause/call-graph.ts";
import type { Dependency } from "../signals/root-cause/evidence.ts";

export function declaredDependencies(services: readonly Pick<Service, "name" | "dependsOn">[]): Dependency[] {
  return services.flatMap(({ name, dependsOn }) => dependsOn.map((to) => ({ from: name, to })));
}

/** `learned`: what was seen so often that it counts like what is declared. */
export function dependencyGraph(
  services: readonly Pick<Service, "name" | "dependsOn">[],
  learned: readonly Dependency[] = [],
): CallGraph {
  const names = services.map((one) => one.name);
  return callGraph(names, [...declaredDependencies(services), ...learned]);
}
