// A recorded run is judged again from its trace alone; a record that was changed is told from one that was not.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { replayRun } from "../../api/replay.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { StepRecord } from "../../knowledge/records.ts";
import { openShop, type Shop } from "../scenarios/shop.ts";

let site: Shop;
let steps: StepRecord[];
beforeAll(async () => {
  site = await openShop();
  await site.kill("web");
  const run = await site.heal("web", { dryRun: true });
  steps = await site.store.runs.steps(run?.id ?? "");
});
afterAll(() => site[Symbol.asyncDispose]());

/** The same record, with the gate's input or verdict changed. */
function changed(phase: "note" | "end", change: (data: Record<string, never>) => void): StepRecord[] {
  const copy = structuredClone(steps);
  const step = copy.find((one) => one.node === "gate" && one.phase === phase);
  change(step?.data as Record<string, never>);
  return copy;
}
type Input = { gateInput: { policy: JsonObject; diagnosis: { hypotheses: { scoreBp: number }[] } } };
type End = { verdict: { decision: string; scoreBp: number } };

describe("the replay of a recorded run", () => {
  it("gives the verdict that was recorded", () => {
    expect(replayRun(steps)).toMatchObject([
      { same: true, recorded: { decision: "allow" }, replayed: { decision: "allow" } },
    ]);
  });

  it("shows a verdict that was written in later", () => {
    const forged = changed("end", (data) => {
      (data as unknown as End).verdict.scoreBp = 9_999;
    });
    expect(replayRun(forged)).toMatchObject([{ same: false, recorded: { scoreBp: 9_999 } }]);
  });

  it("judges by the recorded input: another policy, or a score that its addends do not give, is another verdict", () => {
    const paused = changed("note", (data) => {
      (data as unknown as Input).gateInput.policy["paused"] = true;
    });
    const better = changed("note", (data) => {
      const [top] = (data as unknown as Input).gateInput.diagnosis.hypotheses;
      if (top) top.scoreBp = 10_000;
    });
    for (const record of [paused, better])
      expect(replayRun(record)).toMatchObject([{ same: false, replayed: { decision: "deny" } }]);
  });

  it("says no where the record holds no whole policy, rather than break", () => {
    const empty = changed("note", (data) => {
      (data as unknown as Input).gateInput.policy = {};
    });
    expect(replayRun(empty)).toMatchObject([{ same: false, replayed: { decision: "deny" } }]);
  });

  it("has nothing to say of a run that never came to the gate, or whose input is not there", () => {
    expect(replayRun([])).toEqual([]);
    expect(replayRun(steps.filter((one) => one.node !== "gate"))).toEqual([]);
    expect(replayRun(steps.filter((one) => one.phase !== "note"))).toEqual([]);
    expect(replayRun(steps.filter((one) => one.node !== "gate" || one.phase !== "end"))).toEqual([]);
  });
});
