// The faults of the demo shop, each as the window of signals and findings that it leaves: the right cause must win,
// with a score that the gate would allow, and the plan must be the one an engineer on call would make.
import { describe, expect, it } from "vitest";
import { changed, faults } from "./fault-windows.ts";
import { gate } from "../../graph/gate.ts";
import { policy, service as gateService } from "../gate/gate-input.ts";
import { catalogue, diagnose, finding, MB, metrics, MINUTE, NOW, SECOND, shop } from "./shop-world.ts";

describe("a fault of the demo shop", () => {
  it.each(faults)("$name: $playbook", async (fault) => {
    const world = shop();
    fault.break(world);
    const { diagnosis, plan, noPlan } = await diagnose(world);
    const [top, ...rivals] = diagnosis.hypotheses;

    expect(top).toMatchObject({
      playbook: fault.playbook,
      service: fault.service ?? "checkout",
      discriminated: true,
    });
    expect(top?.cause).toMatch(fault.cause);
    expect(top?.scoreBp).toBeGreaterThanOrEqual(8_800);
    expect(top?.scoreBp).toBeLessThanOrEqual(9_700);
    expect(Math.max(0, ...rivals.map((one) => one.scoreBp))).toBeLessThan(8_500);
    expect(diagnosis.explanation).toContain(top?.title);
    expect(plan?.actions.map((one) => [one.action, one.params]) ?? null).toEqual(fault.plan);
    expect(noPlan ?? "").toMatch(fault.noPlan ?? /^$/);
  });

  it.each(faults.filter((one) => one.plan))("$name: the gate allows the plan", async (fault) => {
    const world = shop();
    fault.break(world);
    const { diagnosis, plan } = await diagnose(world);
    if (!plan) throw new Error("no plan");
    const verdict = gate({
      diagnosis,
      plan,
      policy: policy(),
      history: {
        services: world.services.map((one) => gateService(one.name, { dependsOn: [...one.dependsOn] })),
        actions: catalogue.all().map(({ name, effect }) => ({ name, effect })),
        signatures: [],
        fixes: [],
        undonePlans: [],
        activeRuns: [],
      },
      now: NOW,
    });
    expect(verdict.reasons.filter((one) => one.outcome !== "pass")).toEqual([]);
    expect(verdict.decision).toBe("allow");
  });
});

describe("a partner's own run", () => {
  it("says that nothing of ours runs there, and leaves it to a human", async () => {
    const world = shop();
    world.failing["partner"] = "timeout";
    world.levels["partner"] = "critical";
    world.findings = [finding("unreachable", { failure: "timeout" }, { service: "partner" })];
    const { diagnosis, plan, noPlan } = await diagnose(world, "partner");
    expect(diagnosis.hypotheses[0]).toMatchObject({ playbook: "outside-service-down", service: "partner" });
    expect({ plan, noPlan }).toEqual({
      plan: null,
      noPlan: expect.stringMatching(/human is needed: Tell the provider/),
    });
  });
});

describe("when little can be seen", () => {
  it("gives no advice on a guess where it only complained of a dependency that was well when asked", async () => {
    const world = shop();
    const symptom = finding("dependency-down", { dependency: "orders-db" }, { severity: "warning" });
    world.findings = [symptom];
    const { diagnosis, plan, noPlan } = await diagnose(world);
    expect(diagnosis.hypotheses[0]?.scoreBp ?? 0, "a guess").toBeLessThan(6_000);
    expect({ plan, noPlan }).toEqual({
      plan: null,
      noPlan: "orders-db, of which it complained, was well when asked.",
    });
  });

  it("is less sure, and asks rather than acts, when nothing tells a busy loop from real load", async () => {
    const world = shop();
    world.signals = metrics("cpu", [0.98, 0.99, 0.99]);
    world.use["checkout"] = { cpu: 0.99, memoryBytes: 100 * MB };
    world.findings = [finding("cpu", { value: 0.99 })];
    const { diagnosis } = await diagnose(world);
    expect(diagnosis.hypotheses[0]?.scoreBp).toBeLessThan(8_500);
  });

  it("still heals a crash of a service that has neither files nor dependencies", async () => {
    const world = shop();
    world.states["search"] = { status: "exited", exitCode: 1, finishedAt: NOW - SECOND };
    world.failing["search"] = "refused";
    world.findings = [finding("exited", { exitCode: 1 }, { service: "search", since: NOW - SECOND })];
    const { diagnosis, plan } = await diagnose(world, "search");
    expect(diagnosis.hypotheses[0]).toMatchObject({ playbook: "process-crash" });
    expect(diagnosis.hypotheses[0]?.scoreBp).toBeGreaterThanOrEqual(8_500);
    expect(plan?.actions).toMatchObject([{ action: "start", service: "search" }]);
  });

  it("finds nothing where nothing is known to fit", async () => {
    const { diagnosis, noPlan } = await diagnose(shop());
    expect(diagnosis).toMatchObject({
      hypotheses: [],
      explanation: expect.stringMatching(/a human should look/),
    });
    expect(noPlan).toMatch(/No known failure/);
  });

  it("rules out what the world contradicts, and says that nothing fits", async () => {
    const world = shop();
    world.findings = [finding("crash-loop", { starts: 6, windowMs: 60_000, exitCode: 1 })];
    const { diagnosis, plan, noPlan } = await diagnose(world);
    expect(plan).toBeNull();
    expect(noPlan).toMatch(/No known failure/);
    expect(diagnosis.explanation).toMatch(/a human should look. Ruled out: .*memory limit/);
  });

  it("names a hang where lines blame others and nothing is answered, and does nothing before it is felt", async () => {
    const world = shop();
    world.failing["search"] = "timeout";
    world.listening["search"] = true;
    world.findings = [finding("log-errors", { pattern: "refused", count: 10 }, { service: "search" })];
    const early = await diagnose(world, "search");
    expect(early.diagnosis.hypotheses[0]).toMatchObject({ playbook: "hang" });
    expect(early.diagnosis.hypotheses[0]?.scoreBp).toBeLessThan(6_000);
    world.findings = [finding("hung", { timeouts: 2 }, { service: "search" })];
    const { diagnosis } = await diagnose(world, "search");
    expect(diagnosis.hypotheses[0]).toMatchObject({ playbook: "hang" });
    expect(diagnosis.hypotheses[0]?.scoreBp).toBeGreaterThanOrEqual(8_500);
  });

  it("asks before it starts what crashed with a changed file that it may never have read", async () => {
    const world = shop();
    world.states["checkout"] = { status: "exited", exitCode: 137, finishedAt: NOW - SECOND };
    world.signals.push(changed(NOW - 40 * MINUTE));
    world.findings = [finding("exited", { exitCode: 137 }, { since: NOW - SECOND })];
    const { diagnosis, plan } = await diagnose(world);
    expect(diagnosis.hypotheses[0]).toMatchObject({ playbook: "process-crash", scoreBp: 6_200 });
    expect(plan?.actions).toMatchObject([{ action: "start" }]);
  });

  it("restarts a process that runs but listens no more", async () => {
    const world = shop();
    world.failing["checkout"] = "refused";
    world.findings = [finding("unreachable", { probe: "http", failure: "refused" })];
    const { diagnosis, plan } = await diagnose(world);
    expect(diagnosis.hypotheses[0]).toMatchObject({ playbook: "degraded-process", service: "checkout" });
    expect(plan?.actions).toMatchObject([{ action: "restart" }]);
  });

  it("asks before it restarts what only complains in its log, while all who ask are served", async () => {
    const world = shop();
    world.findings = [finding("log-errors", { pattern: "refused", count: 12 }, { severity: "warning" })];
    const [top] = (await diagnose(world)).diagnosis.hypotheses;
    expect(top?.playbook).toBe("degraded-process");
    expect(top?.scoreBp).toBeGreaterThanOrEqual(6_000);
    expect(top?.scoreBp).toBeLessThan(8_500);
  });

  it("names the hang, not the bad state, when an unreachable process is silent", async () => {
    const world = shop();
    world.failing["checkout"] = "timeout";
    world.listening["checkout"] = true;
    world.findings = [
      finding("unreachable", { probe: "http", failure: "timeout" }),
      finding("hung", { failures: 3 }),
    ];
    expect((await diagnose(world)).diagnosis.hypotheses[0]?.playbook).toBe("hang");
  });

  it("treats information as no symptom", async () => {
    const world = shop();
    world.findings = [finding("exited", {}, { severity: "info" })];
    expect((await diagnose(world)).diagnosis.hypotheses).toEqual([]);
  });
});
