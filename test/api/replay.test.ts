// A recorded run is judged again from its trace alone; a record that was changed is told from one that was not.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { replayRun } from "../../api/replay.ts";
import type { JsonObject } from "../../domain/json.ts";
import { z } from "zod";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import { runExport } from "../../api/http/schemas/answers.ts";
import { replayWith } from "../../graph/replay/replay-run.ts";
import type { RunExport, StepRecord } from "../../knowledge/records.ts";
import type { Model } from "../../tools/model.ts";
import { fakeOperations } from "../cli/fake-operations.ts";
import { runCli } from "../cli/run-cli.ts";
import { openShop, type Shop } from "../scenarios/shop.ts";

let site: Shop;
let steps: StepRecord[];
let document: RunExport;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "opsmedic-replay-"));
  site = await openShop();
  await site.kill("web");
  const run = await site.heal("web", { dryRun: true });
  steps = await site.store.runs.steps(run?.id ?? "");
  const incident = (await site.store.runs.incident(run?.id ?? "")) ?? null;
  if (run) document = { version: 1, run, steps, journal: [], incident };
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await site[Symbol.asyncDispose]();
});

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

const parts = () => ({ playbooks: shippedPlaybooks, actions: site.actions });

describe("a whole run, judged again", () => {
  it("comes to the same with nothing changed", async () => {
    const [round, ...more] = await replayWith(document, parts());
    expect(more).toEqual([]);
    expect(round).toMatchObject({
      same: true,
      differences: [],
      replayed: { cause: { playbook: "process-crash" } },
    });
  });

  it("comes to another decision with a higher threshold or another mode, and never below the floor", async () => {
    const [strict] = await replayWith(document, parts(), { allowBp: 9_990 });
    expect(strict).toMatchObject({ same: false, replayed: { verdict: { decision: "ask", allowBp: 9_990 } } });
    expect(strict?.differences.join()).toMatch(/The gate was allow; it would be ask/);
    const [asking] = await replayWith(document, parts(), { mode: "approve" });
    expect(asking).toMatchObject({ replayed: { verdict: { decision: "ask" } } });
    const [lax] = await replayWith(document, parts(), { allowBp: 1 });
    expect(lax).toMatchObject({ same: true, replayed: { verdict: { allowBp: 8_500 } } });
  });

  it("comes to what other playbooks make of the same observations; what was not looked at is unknown", async () => {
    const without = shippedPlaybooks.filter((one) => one.id !== "process-crash");
    const [other] = await replayWith(document, { ...parts(), playbooks: without });
    expect(other?.same).toBe(false);
    expect(other?.replayed.cause?.playbook).not.toBe("process-crash");
    const crash = shippedPlaybooks.find((one) => one.id === "process-crash");
    const [check] = crash?.checks ?? [];
    if (!crash || !check) throw new Error("the playbook is there");
    const curious = {
      ...crash,
      checks: [...crash.checks, { ...check, id: "new", observe: "moon-phase", weight: 5_000 }],
    };
    const [same] = await replayWith(document, { ...parts(), playbooks: [...without, curious] });
    expect(same?.replayed.cause?.scoreBp).toBe(same?.recorded.cause?.scoreBp);
  });

  it("lets no cause come to more for want of its checks, which a record holds of the likeliest only", async () => {
    const { hypotheses = [], beyond = [] } = document.incident?.diagnosis ?? {};
    expect(hypotheses).toHaveLength(10);
    expect(beyond.length).toBeGreaterThan(0);
    const recorded = new Set(hypotheses.map((one) => one.playbook));
    const others = shippedPlaybooks.filter((one) => !recorded.has(one.id));
    const [round] = await replayWith(document, { ...parts(), playbooks: others });
    const best = Math.max(...beyond.map((one) => one.scoreBp));
    expect(round?.replayed.cause?.scoreBp ?? 0).toBeLessThanOrEqual(best);
    expect(round?.replayed.plan).toBeNull();
  });

  it("asks a model of today where one is given: it may agree, and never lifts what is capped", async () => {
    const top = document.incident?.diagnosis?.hypotheses[0];
    const model: Model = {
      provider: "openai",
      ask: (schema, { step }) =>
        Promise.resolve(
          schema.safeParse(
            {
              classify: { playbooks: [] },
              rank: { best: "none", explanation: "" },
              sceptic: { doubt: 3_000, reason: "no" },
            }[step],
          ).data,
        ),
    };
    const [doubted] = await replayWith(document, parts(), { model });
    expect(doubted?.replayed.cause?.scoreBp).toBe((top?.scoreBp ?? 0) - 3_000);
  });

  it("becomes a regression test with one command, which fails when the playbooks come to something else", async () => {
    const { operations } = fakeOperations({ exportRun: async () => document });
    const cli = (...words: string[]) => runCli(words, operations, { cwd: folder });
    expect(await cli("runs", "record-test", document.run.id)).toMatchObject({ code: 0 });
    const file = `${document.run.id}.run-test.json`;
    expect(await cli("runs", "test", file)).toMatchObject({
      code: 0,
      out: `✓ ${file}\n1 run, all as recorded.\n`,
    });
    const test = JSON.parse(readFileSync(join(folder, file), "utf8"));
    test.expected[0].cause.playbook = "hang";
    writeFileSync(join(folder, "wrong.json"), JSON.stringify(test));
    const failed = await cli("runs", "test", file, "wrong.json");
    expect(failed).toMatchObject({
      code: 3,
      out: expect.stringMatching(/expected hang at web, came to process-crash at web/),
    });
    expect((await cli("runs", "record-test", document.run.id)).code).toBe(2);
    expect((await cli("runs", "test", "nowhere.json")).code).toBe(2);
  });

  it("is replayed on the command line from a file in either form of time, and says what would differ", async () => {
    const { operations, calls } = fakeOperations({});
    writeFileSync(join(folder, "file.json"), JSON.stringify(document));
    writeFileSync(join(folder, "api.json"), JSON.stringify(z.decode(runExport, document)));
    for (const file of ["file.json", "api.json"]) {
      const words = ["runs", "replay", `./${file}`, "--allow", "99.9"];
      expect(await runCli(words, operations, { cwd: folder })).toMatchObject({
        code: 0,
        out: expect.stringMatching(/The gate was allow; it would be ask/),
      });
    }
    expect(calls).toEqual([]);
    const low = await runCli(["runs", "replay", "./file.json", "--allow", "60"], operations, { cwd: folder });
    expect([low.code, low.err]).toEqual([2, expect.stringMatching(/85 to 100/)]);
  });
});
