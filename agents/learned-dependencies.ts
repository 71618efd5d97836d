// Dependencies that nobody has declared, learned from what a service complains about: its errors name the address of
// another service. Words of a log: good enough to guess where a cause is, never to decide whose run is asked for.
import type { Service } from "../domain/service.ts";
import type { Dependency } from "../signals/root-cause/evidence.ts";
import { addressOf } from "./evidence/answers.ts";
import type { SeenPattern } from "./log-observer.ts";

const LONGEST = 2_000;
const address = /(?<![\w.-])[\w.-]{1,253}:\d{1,5}(?!\d)/g;

/** Services by "host:port". */
export function serviceAddresses(services: readonly Service[]): Map<string, string> {
  return new Map(
    services.flatMap((one) => {
      const at = addressOf(one);
      return at ? [[`${at.host}:${at.port}`, one.name] as const] : [];
    }),
  );
}

export function learnedDependencies(
  services: readonly Service[],
  patterns: readonly Pick<SeenPattern, "service" | "examples">[],
): Dependency[] {
  const owners = serviceAddresses(services);
  return patterns.flatMap(({ service: from, examples }) => {
    const named = examples.flatMap((text) => text.slice(0, LONGEST).match(address) ?? []);
    const others = new Set(named.flatMap((one) => owners.get(one) ?? []));
    return [...others].filter((to) => to !== from).map((to) => ({ from, to }));
  });
}
