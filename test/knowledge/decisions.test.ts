// Decisions: one open at a time for a cause, a fix and a service, scored once it is known how it went.
import { expect, it } from "vitest";
import type { NewDecision } from "../../knowledge/records.ts";
import { describeOnEachDriver } from "./each-driver.ts";

const pair = { service: "web", playbook: "process-crash", fix: "start" };

function made(change: Partial<NewDecision> = {}): NewDecision {
  return {
    ...pair,
    fixClass: "restart",
    title: "Start it",
    cause: "it \0 ended",
    scoreBp: 9_000,
    decision: "deny",
    against: ["mode"],
    would: true,
    signatures: ["s1"],
    runId: "run-1",
    incidentId: "inc-1",
    planHash: "h1",
    at: 1_000,
    ...change,
  };
}

describeOnEachDriver("Decisions", (open) => {
  it("join while they are open, and are remembered with all their runs", async () => {
    await using site = await open();
    const { decisions } = site.store;
    const first = await decisions.note(made());
    expect(first).toMatchObject({
      ...pair,
      times: 1,
      cause: "it \uFFFD ended",
      outcome: null,
      baseline: null,
    });
    expect(await decisions.note(made()), "a node that runs twice").toEqual(first);
    const more = { runId: "run-2", incidentId: "inc-2", at: 2_000, would: false, against: ["mode", "never"] };
    const joined = await decisions.note(made(more));
    expect(joined).toMatchObject({ id: first.id, times: 2, at: 1_000, lastAt: 2_000, would: false });
    expect(joined.runIds.toSorted()).toEqual(["run-1", "run-2"]);
    expect(await decisions.note(made({ fix: "reload" }))).toMatchObject({ times: 1 });
    expect(await decisions.waiting()).toEqual(["web"]);
    expect((await decisions.open("web")).map((one) => one.fix).toSorted()).toEqual(["reload", "start"]);
    expect(await decisions.ofIncident("inc-2")).toEqual([joined]);
  });

  it("keep by what it will be told, and are scored", async () => {
    await using site = await open();
    const { decisions } = site.store;
    const { id } = await decisions.note(made());
    const steps = [{ action: "start", service: "web", params: {}, state: { instance: "7", startedAt: 5 } }];
    await decisions.baseline(id, steps);
    await decisions.baseline(id, []);
    await decisions.sameDone(id, 1_500);
    await decisions.sameDone(id, 1_700);
    await decisions.say(id, "right");
    await decisions.score(id, { outcome: "right", ending: "same-done", told: "somebody did", at: 2_000 });
    expect(await decisions.scored("web", 2_000)).toMatchObject([
      { id, baseline: steps, sameDoneAt: 1_500, said: "right", outcome: "right", ending: "same-done" },
    ]);
    expect(await decisions.scored("web", 2_001)).toEqual([]);
    expect(await decisions.waiting()).toEqual([]);
    expect(await decisions.note(made({ at: 3_000 })), "a new one").not.toMatchObject({ id });
    expect(await decisions.list({ pair, limit: 10 })).toHaveLength(2);
    expect(await decisions.list({ pair: { ...pair, fix: "reload" }, limit: 10 })).toEqual([]);
    await decisions.note(made({ fix: "reload", decision: "allow", against: [] }));
    await decisions.note(made({ fix: "scale", would: false }));
    expect(await decisions.wouldHave({})).toEqual({ total: 2, right: 1, wrong: 0, unclear: 0, open: 1 });
    expect(await decisions.wouldHave({ from: 2_000, to: 3_000 })).toMatchObject({ total: 0 });
  });

  it("are taken away from a pair with a reason", async () => {
    await using site = await open();
    const { decisions } = site.store;
    const revoked = await decisions.revoke({ ...pair, at: 5, by: "ada", reason: "a new version" });
    expect(await decisions.revocations(pair)).toEqual([revoked]);
    expect(await decisions.revocations()).toEqual([revoked]);
    expect(await decisions.revocations({ ...pair, service: "other" })).toEqual([]);
  });
});
