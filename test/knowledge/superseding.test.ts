// When a waiting run gives way: what counts as worse, and that a crash in the middle of withdrawing loses nothing.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Finding, findingKinds, isSymptom, severities } from "../../domain/finding.ts";
import { makeSupersede, worseThan } from "../../graph/superseding.ts";
import { fullIncident } from "../api/full-incident.ts";
import { describeOnEachDriver } from "./each-driver.ts";
import type { TestStore } from "./open-test-store.ts";
import { finding } from "./sample-findings.ts";

const seen = (kind: Finding["kind"], severity: Finding["severity"] = "critical"): Finding => ({
  ...finding(kind),
  kind,
  severity,
  summary: `${kind} ${severity}`,
});

describe("worse", () => {
  it.each<[string, Finding[], Finding[], string | undefined]>([
    ["the same", [seen("hung")], [seen("hung")], undefined],
    ["another kind, as grave", [seen("hung")], [seen("exited")], "exited critical"],
    ["the same kind, graver", [seen("cpu", "warning")], [seen("cpu")], "cpu critical"],
    ["another kind, lesser", [seen("exited")], [seen("exited"), seen("disk", "warning")], undefined],
    ["the same kind, lesser", [seen("cpu")], [seen("cpu", "warning")], undefined],
    ["one of several is over", [seen("hung"), seen("cpu")], [seen("cpu")], undefined],
    ["all over", [seen("hung")], [], undefined],
    ["only blind", [seen("hung", "warning")], [seen("source-down", "warning")], undefined],
    ["stopped by its operator", [seen("hung")], [seen("stopped-by-operator", "info")], undefined],
    ["nothing known of before", [], [seen("exited")], undefined],
  ])("%s", (_, before, now, expected) => {
    expect(worseThan(before, now)?.summary).toBe(expected);
  });

  const findings = fc.array(
    fc.record({ kind: fc.constantFrom(...findingKinds), severity: fc.constantFrom(...severities) }),
    { maxLength: 5 },
  );
  it("never is what was known already, and is a symptom that was seen now", () => {
    fc.assert(
      fc.property(findings, findings, (one, other) => {
        const [before, now] = [one, other].map((some) => some.map((each) => seen(each.kind, each.severity)));
        const worse = worseThan(before ?? [], now ?? []);
        expect(worseThan(before ?? [], before ?? [])).toBeUndefined();
        if (worse === undefined) return;
        expect(now).toContain(worse);
        expect(isSymptom(worse)).toBe(true);
        expect(worseThan([...(before ?? []), worse], [worse])).toBeUndefined();
      }),
    );
  });
});

async function waiting({ store, clock }: TestStore): Promise<void> {
  await store.runs.start({ id: "run-1", service: "shop", trigger: "watch", reason: "" });
  await store.runs.saveIncident("run-1", { ...fullIncident("run-1", {}), findings: [seen("hung")] });
  await store.runs.update("run-1", { status: "waiting" });
  const about = { id: "apr-1", runId: "run-1", service: "shop", planHash: "abc", summary: "restart" };
  await store.approvals.request({ ...about, scoreBp: 7_000, risk: "low", expiresAt: clock.now() + 60_000 });
}

function superseder({ store, clock }: TestStore, now: Finding[]) {
  const supersede = makeSupersede({
    ...store,
    clock,
    look: () => Promise.resolve(now),
    onWithdrawn: () => undefined,
  });
  return async () => {
    const run = await store.runs.get("run-1");
    return run !== undefined && supersede(run, "run-2");
  };
}

describeOnEachDriver("a run that waits", (open) => {
  it("is left alone while nothing is worse", async () => {
    await using site = await open();
    await waiting(site);
    expect(await superseder(site, [seen("hung")])()).toBe(false);
    expect(await site.store.approvals.get("apr-1")).toMatchObject({ status: "pending" });
    expect(await site.store.runs.get("run-1")).toMatchObject({ status: "waiting" });
  });

  it("is ended when its question was withdrawn and a crash came before its end", async () => {
    await using site = await open();
    await waiting(site);
    await site.store.approvals.withdraw("run-1", "superseded by run-2");
    expect(await superseder(site, [])()).toBe(true);
    expect(await site.store.runs.get("run-1")).toMatchObject({
      status: "ended",
      outcome: "no-longer-needed",
      report: "Nothing was done: superseded by run-2",
    });
    expect(await site.store.runs.incident("run-1")).toMatchObject({ outcome: "no-longer-needed" });
  });

  it("takes no decision away that somebody made meanwhile", async () => {
    await using site = await open();
    await waiting(site);
    const yes = { decision: "approve", by: "ada", reason: "go", planHash: "abc" } as const;
    await site.store.approvals.decide("apr-1", yes);
    expect(await superseder(site, [seen("exited")])()).toBe(false);
    expect(await site.store.approvals.get("apr-1")).toMatchObject({ status: "approved", decidedBy: "ada" });
  });
});
