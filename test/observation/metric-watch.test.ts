// Numbers by the minute, judged as they come: over made-up series with known answers.
import { describe, expect, it } from "vitest";
import { makeMetricWatch, type MetricWatch } from "../../agents/metric-watch.ts";

const MINUTE = 60_000;
const start = 1_700_000_000_000 - (1_700_000_000_000 % MINUTE);

function feed(watch: MetricWatch, name: string, values: readonly number[], from = 0, service = "shop"): void {
  for (const [index, value] of values.entries()) {
    const at = start + (from + index) * MINUTE;
    watch.minute({
      service,
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
  const rising = noise(120).map((one, index) => 0.33 + index / 200 + one / 500);
  feed(watch, "memory", rising);
  feed(watch, "disk", calm);
  feed(watch, "cpu", calm);
  const of = new Map(watch.predictions("shop").map((one) => [one.name, one]));
  const memory = of.get("memory");
  expect(memory?.ahead?.mean).toHaveLength(15);
  expect(memory).toMatchObject({ aheadSeconds: 900, stepSeconds: 60, limit: 1 });
  expect(memory?.untilLimit).toMatchObject({ seconds: expect.toSatisfy((n: number) => n > 720 && n <= 900) });
  expect(of.get("disk")?.untilLimit).toBe("never");
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

it("leaves out what is silenced, goes on judging it, and shows it again when it is good", () => {
  const watch = makeMetricWatch({ limitOf: () => 10_000 });
  const storm = noise(120).map((one, index) => (index % 31 < 15 ? index * index : 1) + one);
  feed(watch, "memory", storm);
  const [silenced] = watch.predictions();
  expect(silenced).toMatchObject({ standing: { status: "silenced" }, limit: 10_000 });
  expect(silenced).not.toHaveProperty("ahead");
  expect(silenced).not.toHaveProperty("untilLimit");
  feed(watch, "memory", calm, storm.length);
  expect(watch.predictions()).toMatchObject([{ standing: { status: "shown" }, untilLimit: "never" }]);
});

it("knows after an hour, by the series' own past, whether its forecasts can be believed", () => {
  const watch = makeMetricWatch();
  feed(watch, "cpu", calm.slice(0, 55));
  expect(watch.predictions()).toMatchObject([{ standing: { status: "learning" } }]);
  feed(watch, "cpu", calm.slice(55, 60), 55);
  expect(watch.predictions()).toMatchObject([{ standing: { status: "shown" } }]);
});

it("lives through a gap", () => {
  const watch = makeMetricWatch();
  feed(watch, "cpu", calm.slice(0, 60));
  feed(watch, "cpu", calm.slice(60, 120), 600);
  expect(watch.predictions()).toMatchObject([{ name: "cpu", at: start + 659 * MINUTE }]);
});

const names = (watch: MetricWatch) => watch.watched().map(({ service, name }) => `${service} ${name}`);
const limitOf = ({ name }: { name: string }) => (name === "memory" ? 1 : undefined);

/** A minute of each, `count` times. */
function together(watch: MetricWatch, series: readonly string[], count: number, from = 0): void {
  for (let n = from; n < from + count; n += 1) {
    for (const one of series) {
      const [service = "", name = ""] = one.split(" ");
      feed(watch, name, [0.5], n, service);
    }
  }
}

describe("where there are more series than places", () => {
  it("keeps to its number, and prefers what has a limit", () => {
    const watch = makeMetricWatch({ most: 2, limitOf });
    together(watch, ["shop rate", "shop cpu", "shop memory"], 15);
    expect(names(watch)).toEqual(["shop cpu", "shop memory"]);
  });

  it("knows the others by name", () => {
    const watch = makeMetricWatch({ most: 1 });
    together(watch, ["host cpu", "host disk", "shop cpu"], 1);
    expect(names(watch)).toEqual(["host cpu"]);
    expect(watch.seriesOf("host").map((one) => one.name)).toEqual(["cpu", "disk"]);
  });

  it("gives a later service its share, when it has been there for a while", () => {
    const watch = makeMetricWatch({ most: 2, limitOf });
    together(watch, ["shop rate", "shop memory"], 10);
    together(watch, ["shop rate", "shop memory", "cart rate"], 9, 10);
    expect(names(watch)).toEqual(["shop rate", "shop memory"]);
    together(watch, ["shop rate", "shop memory", "cart rate"], 20, 19);
    expect(names(watch)).toEqual(["shop memory", "cart rate"]);
  });

  it("watches a service with symptoms first", () => {
    const watch = makeMetricWatch({ most: 1, limitOf });
    together(watch, ["cart rate", "shop rate"], 30);
    expect(names(watch)).toEqual(["cart rate"]);
    watch.noteSymptoms("shop", true);
    together(watch, ["cart rate", "shop rate"], 30, 30);
    expect(names(watch)).toEqual(["shop rate"]);
    watch.noteSymptoms("shop", false);
    together(watch, ["cart rate", "shop rate"], 30, 60);
    expect(names(watch)).toEqual(["shop rate"]); // its equal: what was learned stays
  });

  it("takes the place back of what is gone or silent for a day, and forgets what it said", () => {
    const gone = new Set<string>();
    const watch = makeMetricWatch({ most: 2, isGone: (service) => gone.has(service) });
    together(watch, ["shop rate", "cart rate"], 60);
    expect(watch.predictions("cart")).toHaveLength(1);
    gone.add("cart");
    together(watch, ["shop rate"], 9, 60);
    expect(names(watch)).toEqual(["shop rate", "cart rate"]);
    together(watch, ["shop rate"], 12, 69);
    expect(names(watch)).toEqual(["shop rate"]);
    expect(watch.predictions("cart")).toEqual([]);

    together(watch, ["shop rate", "bank rate"], 5, 100);
    together(watch, ["shop rate"], 1_430, 105);
    expect(names(watch)).toEqual(["shop rate", "bank rate"]);
    together(watch, ["shop rate"], 22, 1_535);
    expect(names(watch)).toEqual(["shop rate"]);
  });

  it("forgets nothing at a start because its service was not found yet", () => {
    const before = makeMetricWatch();
    together(before, ["shop rate"], 60);
    const after = makeMetricWatch({ isGone: (name) => name === "shop" }, before.save());
    together(after, ["host cpu"], 1, 200);
    expect(names(after)).toEqual(["shop rate", "host cpu"]);
  });
});
