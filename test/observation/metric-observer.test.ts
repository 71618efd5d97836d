// Numbers by the minute, into a real store.
import { expect, it } from "vitest";
import { makeMetricObserver } from "../../agents/metric-observer.ts";
import { HealError } from "../../domain/errors.ts";
import type { MetricSignal, ProbeSignal } from "../../domain/signal.ts";
import type { MetricPoint } from "../../knowledge/observations.ts";
import { openTestStore } from "../knowledge/open-test-store.ts";

const MINUTE = 60_000;

function cpu(at: number, value: number): MetricSignal {
  return { kind: "metric", service: "shop", at, name: "cpu", value, of: "service" };
}

it("keeps finished minutes, tells of each once, and waits for a store that is away", async () => {
  await using site = await openTestStore("pglite");
  let away = true;
  const metrics = {
    ...site.observations.metrics,
    add: (points: readonly MetricPoint[]) =>
      away
        ? Promise.reject(new HealError("The database is away.", { code: "store-unreachable" }))
        : site.observations.metrics.add(points),
  };
  const told: number[] = [];
  const observer = makeMetricObserver({
    clock: site.clock,
    store: { metrics },
    onMinute: ({ name, total }) => name === "cpu" && told.push(total),
  });
  const start = site.clock.now();
  const probe: ProbeSignal = {
    kind: "probe",
    service: "shop",
    at: start,
    probe: "http /",
    ok: true,
    latencyMs: 12,
  };
  observer.note(cpu(start, 0.1));
  observer.note(cpu(start + 10_000, 0.3));
  observer.note(cpu(start + MINUTE, 0.5));
  observer.note(cpu(start, Number.NaN));
  observer.note(probe);
  observer.note({ ...probe, ok: false, latencyMs: undefined });
  await observer.flush(); // nothing has ended yet
  site.clock.advance(MINUTE + 1);
  await expect(observer.flush()).rejects.toThrow("away");
  away = false;
  site.clock.advance(MINUTE);
  observer.note(cpu(start, 9)); // that minute was taken: too late
  await observer.flush();
  await observer.flush();

  expect(told).toEqual([expect.closeTo(0.4), 0.5]);
  const query = { from: start - MINUTE, to: start + 9 * MINUTE, stepMs: MINUTE };
  expect(await site.observations.metrics.read(query)).toEqual([
    {
      service: "shop",
      name: "cpu",
      measuredOn: "service",
      points: [
        { at: start, samples: 2, mean: expect.closeTo(0.2), lowest: 0.1, highest: 0.3 },
        { at: start + MINUTE, samples: 1, mean: 0.5, lowest: 0.5, highest: 0.5 },
      ],
    },
    {
      service: "shop",
      name: "latency",
      measuredOn: "http /",
      points: [{ at: start, samples: 1, mean: 12, lowest: 12, highest: 12 }],
    },
  ]);
});
