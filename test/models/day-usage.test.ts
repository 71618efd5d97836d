// The day's budget, shared by every process: on both stores, and as a model's budget.
import { expect, it } from "vitest";
import { z } from "zod";
import type { Clock } from "../../domain/clock.ts";
import { makeDayUsage } from "../../knowledge/model-usage.ts";
import type { ModelCall } from "../../tools/model.ts";
import { configuredModel, type ModelSettings } from "../../tools/models/configured-model.ts";
import { says, startModelServer } from "../fakes/model-server.ts";
import { describeOnEachDriver } from "../knowledge/each-driver.ts";

const HOUR = 3_600_000;
const one = { calls: 1, tokens: 200, ms: 30, costMicros: 5 };

const settingsFor = (baseUrl: string): ModelSettings => ({
  provider: "ollama",
  model: "small",
  baseUrl,
  apiKey: undefined,
  perCallMs: 10_000,
  perRun: {},
  // Two answers, and the longest that a third one could be.
  perDay: { tokens: 1_000 + 1_100 },
  price: undefined,
  secrets: [],
});

/** No time limit comes. */
const untilAborted: Clock["sleep"] = (_ms, signal) =>
  new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error));
  });

describeOnEachDriver("the usage of a day", (open) => {
  it("adds up whoever adds, never falls below nothing, and begins anew at midnight UTC", async () => {
    await using store = await open();
    const mine = makeDayUsage(store.db, store.clock);
    const theirs = makeDayUsage(store.db, store.clock);
    expect(await mine.today()).toEqual({ calls: 0, tokens: 0, ms: 0, costMicros: 0 });
    await Promise.all([mine, theirs, mine, theirs].map((usage) => usage.add(one)));
    expect(await mine.today()).toEqual({ calls: 4, tokens: 800, ms: 120, costMicros: 20 });
    expect(await theirs.add({ calls: -9, tokens: -100, ms: 0, costMicros: 0 })).toMatchObject({
      calls: 0,
      tokens: 700,
    });
    store.clock.advance(12 * HOUR);
    expect(await mine.today()).toMatchObject({ calls: 0 });
    expect(await theirs.add(one)).toEqual(one);
  });

  it("stops every process when it is used up, and not before", async () => {
    await using store = await open();
    await using server = await startModelServer(says('{"ok":true}', { in: 300, out: 200 }));
    const outcomes: string[] = [];
    const onCall = (call: ModelCall): void => void outcomes.push(call.outcome);
    const question = { step: "greet", system: "", user: "" };
    const asking = () =>
      configuredModel(settingsFor(server.url("ollama")), {
        clock: { now: store.clock.now, sleep: untilAborted },
        day: makeDayUsage(store.db, store.clock),
      }).ask(z.object({ ok: z.boolean() }), question, undefined, { onCall });
    for (let process = 0; process < 5; process += 1) await asking();
    expect(outcomes).toEqual(["answered", "answered", "answered", "no-budget", "no-budget"]);
    expect(await makeDayUsage(store.db, store.clock).today()).toMatchObject({ calls: 3, tokens: 1_500 });
    store.clock.advance(12 * HOUR);
    await asking();
    expect(outcomes.at(-1)).toBe("answered");
  });
});
