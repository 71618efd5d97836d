// Who needs whom, as the configuration says.
import type { Service } from "../domain/service.ts";
import { type CallGraph, callGraph } from "../signals/root-cause/call-graph.ts";
import type { Dependency } from "../signals/root-cause/evidence.ts";

export function declaredDependencies(services: readonly Pick<Service, "name" | "dependsOn">[]): Dependency[] {
  return services.flatMap(({ name, dependsOn }) => dependsOn.map((to) => ({ from: name, to })));
}

export function dependencyGraph(services: readonly Pick<Service, "name" | "dependsOn">[]): CallGraph {
  const names = services.map((one) => one.name);
  return callGraph(names, declaredDependencies(services));
}
