// Numbers by the minute, judged as they come: over made-up series with known answers.
import { expect, it } from "vitest";
import { makeMetricWatch, type MetricWatch } from "../../agents/metric-watch.ts";

const MINUTE = 60_000;
const start = 1_700_000_000_000 - (1_700_000_000_000 % MINUTE);

function feed(watch: MetricWatch, name: string, values: readonly number[], from = 0): void {
  for (const [index, value] of values.entries()) {
    const at = start + (from + index) * MINUTE;
    watch.minute({
      service: "shop",
      name,
      measuredOn: "service",
      at,
      samples: 2,
      total: 2 * value,
      lowest: value,
      highest: value,
    });
  }
}

/** Between 0 and 1, the same in each run. */
function noise(count: number): number[] {
  let state = 7;
  return Array.from({ length: count }, () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  });
}

const calm = noise(600).map((one) => 0.3 + one / 50);

it("has nothing to say of a calm series, and an episode for a jump", () => {
  const watch = makeMetricWatch();
  feed(watch, "cpu", calm);
  expect(watch.anomalies()).toEqual([]);
  feed(
    watch,
    "cpu",
    Array.from({ length: 5 }, () => 0.9),
    calm.length,
  );
  expect(watch.anomalies()).toMatchObject([{ service: "shop", name: "cpu", ongoing: true, value: 0.9 }]);
});

it("foretells a rising memory and when it is full, and a calm one never", () => {
  const watch = makeMetricWatch({ limitOf: ({ name }) => (name === "cpu" ? undefined : 1) });
  const rising = noise(120).map((one, index) => 0.3 + index / 200 + one / 500);
  feed(watch, "memory", rising);
  feed(watch, "disk", calm);
  feed(watch, "cpu", calm);
  const of = new Map(watch.predictions("shop").map((one) => [one.name, one]));
  const memory = of.get("memory");
  expect(memory?.ahead.mean).toHaveLength(15);
  expect(memory?.reaches).toMatchObject({ steps: expect.toSatisfy((n: number) => n > 12 && n < 32) });
  expect(of.get("disk")?.reaches).toBe("never");
  expect(of.get("cpu")?.limit).toBeUndefined();
  expect(of.get("disk")?.standing.status).toBe("shown");
  expect(watch.predictions("other")).toEqual([]);
});

it("restarting in the middle changes nothing", () => {
  const through = makeMetricWatch();
  const before = makeMetricWatch();
  feed(through, "cpu", calm.slice(0, 303));
  feed(before, "cpu", calm.slice(0, 303));
  const after = makeMetricWatch({}, JSON.parse(JSON.stringify(before.save())));
  const rest = [...calm.slice(303, 400), 0.9, 0.9];
  feed(through, "cpu", rest, 303);
  feed(after, "cpu", rest, 303);
  expect(after.anomalies()).toEqual(through.anomalies());
  expect(through.anomalies()).toHaveLength(1);
  expect(after.save()).toEqual(through.save());
});

it("lives through a gap, and watches no more series than it may, until one is silent for a day", () => {
  const watch = makeMetricWatch({ most: 2 });
  feed(watch, "cpu", calm.slice(0, 60));
  feed(watch, "cpu", calm.slice(60, 120), 600);
  expect(watch.predictions().map(({ name }) => name)).toEqual(["cpu"]);
  feed(watch, "memory", calm.slice(0, 60), 600);
  feed(watch, "disk", calm.slice(0, 60), 600);
  expect(watch.predictions().map(({ name }) => name)).toEqual(["cpu", "memory"]);
  feed(watch, "memory", calm.slice(0, 60), 2_000);
  feed(watch, "disk", calm.slice(0, 60), 2_200);
  expect(watch.predictions().map(({ name }) => name)).toEqual(["memory", "disk"]);
});
