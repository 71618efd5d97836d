// A service for tests: nothing configured but its name and what the test adds.
import type { Probe, Service } from "../../domain/service.ts";

export function serviceNamed(name: string, parts: Partial<Service> = {}): Service {
  return {
    name,
    health: [],
    metrics: [],
    logs: [],
    dependsOn: [],
    limits: { maxReplicas: 1 },
    protected: false,
    discovered: false,
    ...parts,
  };
}

export function httpProbe(url: string, parts: Partial<Probe> = {}): Extract<Probe, { kind: "http" }> {
  return { everyMs: 5_000, timeoutMs: 2_000, expect: {}, ...parts, kind: "http", url };
}

export const wallClock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stopped);
        resolve();
      }, ms);
      const stopped = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", stopped, { once: true });
    }),
};
