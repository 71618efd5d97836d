// The services found by label, kept up to date: looked for when Docker announces a container, and now and then.
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../domain/clock.ts";
import type { Service } from "../domain/service.ts";
import { type Discovered, discover, type DiscoverySettings } from "./discovery.ts";
import type { DockerApi } from "./docker-engine.ts";

export interface DiscoveredServices {
  /** As of the last look. A service that has not changed stays the same object. */
  services(): readonly Service[];
  problems(): readonly string[];
  /** Looks now. Throws HealError when Docker does not answer; the services found before stay. */
  refresh(signal?: AbortSignal): Promise<void>;
  /** A container came or went: looks soon. */
  hurry(): void;
  /** Looks every `everyMs` and when hurried, until aborted. */
  run(signal: AbortSignal): Promise<void>;
}

export function makeDiscoveredServices({
  api,
  clock,
  settings,
  everyMs = 30_000,
  onChange,
  onProblem,
}: {
  api: DockerApi;
  clock: Clock;
  /** Asked at every look, since the configuration may change. */
  settings: () => DiscoverySettings;
  everyMs?: number;
  onChange?: (change: { added: readonly Service[]; removed: readonly Service[] }) => void;
  /** Docker does not answer; said once, until it answers again (undefined). */
  onProblem?: (problem: unknown) => void;
}): DiscoveredServices {
  let found: Discovered = { services: [], problems: [] };
  let wake = Promise.withResolvers<void>();

  async function refresh(signal?: AbortSignal): Promise<void> {
    const now = await discover(api, settings(), signal);
    const before = found.services;
    const services = now.services.map((one) => before.find((old) => isDeepStrictEqual(old, one)) ?? one);
    found = { services, problems: now.problems };
    const added = services.filter((one) => !before.includes(one));
    const removed = before.filter((one) => !services.includes(one));
    if (added.length + removed.length > 0) onChange?.({ added, removed });
  }

  return {
    services: () => found.services,
    problems: () => found.problems,
    refresh,
    hurry: () => wake.resolve(),
    async run(signal) {
      let troubled = false;
      const say = (problem: unknown): void => {
        if (signal.aborted || troubled === (problem !== undefined)) return;
        troubled = problem !== undefined;
        onProblem?.(problem);
      };
      while (!signal.aborted) {
        wake = Promise.withResolvers<void>();
        await refresh(signal).then(() => say(undefined), say);
        const rest = new AbortController();
        const pause = clock.sleep(everyMs, AbortSignal.any([signal, rest.signal])).catch(() => undefined);
        await Promise.race([pause, wake.promise]);
        rest.abort();
      }
    },
  };
}
