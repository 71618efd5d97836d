// The watch loop: what an announcement leads to.
import { describe, expect, it, vi } from "vitest";
import { makeErrorDetector } from "../../agents/error-detector.ts";
import { makeKnownGood } from "../../agents/known-good.ts";
import { makeWatch } from "../../api/watch.ts";
import { configFromObject } from "../../api/config.ts";
import type { EventSignal, LogSignal, Signal } from "../../domain/signal.ts";
import { systemClock } from "../../domain/system-clock.ts";

function open(window: () => Signal[]) {
  const config = configFromObject(
    { version: 1, services: [{ name: "web", runtime: { process: { command: ["true"] } } }] },
    { baseDir: "/" },
  );
  const noted: Signal[] = [];
  const requested: string[] = [];
  const endless = Promise.withResolvers<never>();
  const watch = makeWatch({
    services: () => config.services,
    monitor: {
      observe: () => endless.promise,
      note: (signal) => noted.push(signal),
      noteSource: () => undefined,
      window: () => [...window(), ...noted],
      unseen: () => [],
    },
    detect: (service, signals) =>
      makeErrorDetector({ thresholds: () => config.policy.thresholds, clock: systemClock })({
        service,
        signals: [...signals],
        dependencies: [],
      }),
    knownGood: makeKnownGood({
      history: { keepGood: async () => "", lastGood: async () => undefined },
      filesOf: () => undefined,
      clock: systemClock,
      provenAfterMs: 0,
    }),
    clock: systemClock,
    everyMs: () => 60_000,
    requestRun: async (service) => void requested.push(service),
    onWell: async () => undefined,
    isDue: () => true,
    onBlind: () => undefined,
    onError: (_service, error) => {
      throw error;
    },
  });
  return { watch, requested };
}

const running = (): Signal => ({
  kind: "state",
  service: "web",
  at: Date.now() - 5_000,
  status: "running",
  health: "none",
  instance: "1",
  oomKilled: false,
  restartCount: 0,
  startedAt: Date.now() - 60_000,
  stoppedByOperator: false,
  replicas: 1,
});

const died = (): EventSignal => ({
  kind: "event",
  service: "web",
  at: Date.now(),
  event: "die",
  instance: "1",
  exitCode: 137,
});

const full = (): LogSignal => ({
  kind: "log",
  service: "web",
  at: Date.now(),
  level: "error",
  source: "file",
  text: "write failed: ENOSPC: no space left on device",
});

describe("the watch loop", () => {
  it("asks for a run when a log tells of trouble, long before the next look", async () => {
    const state = running();
    const { watch, requested } = open(() => [state]);
    const stop = new AbortController();
    watch.run(stop.signal).catch(() => undefined); // its look never ends

    for (let n = 0; n < 3; n += 1) watch.note(full());

    await vi.waitFor(() => expect(requested).toEqual(["web"]), { timeout: 5_000 });
    stop.abort();
  });

  it("asks for a run when a death is announced, though a look that began before it goes on and on", async () => {
    const state = running();
    const { watch, requested } = open(() => [state]);
    const stop = new AbortController();
    const looping = watch.run(stop.signal); // its look never ends
    looping.catch(() => undefined);

    watch.onEvent(died(), stop.signal);

    await vi.waitFor(() => expect(requested).toEqual(["web"]), { timeout: 5_000 });
    stop.abort();
  });
});
