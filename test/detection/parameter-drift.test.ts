// From lines to the finding: through the miner, the watch and the detector that the product uses.
import { expect, it } from "vitest";
import { makeErrorDetector } from "../../agents/error-detector.ts";
import { makeParameterWatch } from "../../agents/parameter-watch.ts";
import { makeTemplateMiner } from "../../signals/templates/miner.ts";
import { now, shop, state, thresholds } from "./view.ts";

const MINUTE = 60_000;

function world() {
  const miner = makeTemplateMiner();
  const watch = makeParameterWatch((service, id) => miner.template(service, id)?.template);
  const detect = makeErrorDetector({ thresholds: () => thresholds, clock: { now: () => now } });
  let pattern = "";
  return {
    watch,
    say(ago: number, text: string): void {
      const at = now - ago;
      pattern = miner.add("shop", text).id;
      watch.note({ kind: "log", service: "shop", at, level: "info", source: "docker", text }, pattern);
    },
    pattern: () => pattern,
    found: () =>
      detect({
        service: shop,
        signals: [state(1_000)],
        dependencies: [],
        drifts: () => watch.drifts("shop", now),
      }),
  };
}

/** Three hours of queries, and what they took in the last twenty minutes. */
function queries(last: (n: number) => string) {
  const made = world();
  for (let ago = 200 * MINUTE, n = 0; ago > 0; ago -= 5_000, n += 1) {
    made.say(ago, ago > 20 * MINUTE ? `query ${n} took ${15 + (n % 11)} ms on db-1.local` : last(n));
  }
  return made;
}

it("warns of a time that grew tenfold, with what it was and is", () => {
  const made = queries((n) => `query ${n} took ${900 + (n % 90)} ms on db-1.local`);
  expect(made.found()).toMatchObject([
    {
      kind: "parameter-drift",
      severity: "warning",
      since: now - 20 * MINUTE,
      summary: "“took” grew from 20 ms to 945 ms, in lines like: query <*> took <*> ms on db-1.local",
      facts: { pattern: made.pattern(), parameter: "took", unit: "ms", kind: "level", before: 20 },
    },
  ]);
});

it("only tells of less, and of another host", () => {
  const slower = queries((n) => `query ${n} took ${60 + (n % 11)} ms on db-1.local`);
  expect(slower.found()).toMatchObject([{ kind: "parameter-drift", severity: "info" }]);
  const moved = queries((n) => `query ${n} took ${15 + (n % 11)} ms on db-2.local`);
  expect(moved.found()).toMatchObject([
    {
      severity: "info",
      summary:
        "“on” is now db-2.local in 100 %, which was db-1.local, in lines like: query <*> took <*> ms on db-1.local",
      facts: { kind: "value", after: "db-2.local" },
    },
  ]);
});

it("finds nothing where all goes on as it was, though numbers and ids vary", () => {
  const made = queries((n) => `query ${n} took ${15 + (n % 11)} ms on db-1.local`);
  expect(made.found()).toEqual([]);
  const [query, took, on] = made.watch.parameters("shop", made.pattern(), now);
  expect([query?.name, took?.name, on?.name]).toEqual(["query", "took", "on"]);
  expect(took?.windows.at(-1)).toMatchObject({ median: 20, low: 17.75, high: 22.25 });
  expect(on?.values).toEqual([{ value: "db-1.local", share: 1 }]);
  expect(made.watch.parameters("shop", "none", now)).toEqual([]);
});

it("a flood is looked at as little as a trickle", () => {
  const made = world();
  for (let n = 0; n < 5_000; n += 1) made.say(MINUTE - (n % 10), `query ${n} took ${n % 11} ms`);
  made.say(-10 * MINUTE, "query 1 took 1 ms");
  const [, took] = made.watch.parameters("shop", made.pattern(), now);
  expect(took?.windows.map(({ samples }) => samples)).toEqual([]); // four lines make no window
});
