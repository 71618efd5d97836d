// A clock that only sleeping moves: waits take no time, and every one of them can be looked at.
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../domain/clock.ts";

export interface FakeClock extends Clock {
  /** The milliseconds of every sleep, in order. */
  slept: number[];
  pass(ms: number): void;
}

export function fakeClock(start = Date.parse("2026-03-01T12:00:00Z")): FakeClock {
  let now = start;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    pass: (ms) => {
      now += ms;
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      await setImmediate();
      signal?.throwIfAborted();
      slept.push(ms);
      now += ms;
    },
  };
}
