// Plans: the next fix after one that did not help, the steps after an edit, and the reasons why there is none.
import { describe, expect, it } from "vitest";
import { withAfterEdit } from "../../agents/after-edit.ts";
import { planHash } from "../../agents/plan-hash.ts";
import type { Attempt } from "../../domain/incident.ts";
import { type FixPlan, fixPlanSchema } from "../../domain/plan.ts";
import type { CaseRecord } from "../../knowledge/records.ts";
import { diagnose, finding, log, MINUTE, NOW, SECOND, shop, type World } from "./shop-world.ts";

function hung(): World {
  const world = shop();
  world.failing["checkout"] = "timeout";
  world.listening["checkout"] = true;
  world.findings = [finding("hung", { failures: 3 })];
  return world;
}

function failing(): World {
  const world = shop();
  world.findings = [finding("error-rate", { rate: 0.5 })];
  return world;
}

function limited(): World {
  const world = shop();
  world.signals.push(...[1, 2, 3].map((n) => log("api.partner.example answered 429", NOW - n * SECOND)));
  world.findings = [finding("rate-limited", { host: "api.partner.example", count: 3 })];
  return world;
}

function afterEdit(world: World, how: "none" | "restart" | { reload: NodeJS.Signals }): World {
  const [checkout] = world.services;
  if (checkout?.files) world.services[0] = { ...checkout, files: { ...checkout.files, afterEdit: how } };
  return world;
}

async function planOf(world: World, attempts: Attempt[] = []): Promise<FixPlan> {
  const { plan, noPlan } = await diagnose(world, "checkout", attempts);
  if (!plan) throw new Error(noPlan ?? "no plan");
  return plan;
}

function attempted(plan: FixPlan): Attempt {
  return { plan, validation: null, rollback: null, at: NOW };
}

function past(change: Partial<CaseRecord>): CaseRecord {
  const basis: Partial<CaseRecord> = {
    id: "case-1",
    service: "checkout",
    signature: "sig-hung",
    playbook: "hang",
    fix: "restart",
    fixClass: "restart",
    outcome: "not-healed",
    at: NOW - 60 * MINUTE,
  };
  return { ...basis, ...change } as CaseRecord;
}

describe("a plan", () => {
  it("is whole, hashed over its actions, and the same each time the node runs", async () => {
    const plan = await planOf(hung());
    expect(fixPlanSchema.parse(plan)).toEqual(plan);
    expect(plan).toMatchObject({
      service: "checkout",
      playbook: "hang",
      class: "restart",
      risk: "low",
      blastRadius: { services: ["checkout"], downtimeMs: 1_000 },
      hash: planHash(plan.actions),
    });
    expect(await planOf(hung())).toEqual(plan);
  });

  it("never is to act on what runs where nothing of ours does: a person is told instead", async () => {
    const world = failing();
    const [checkout] = world.services;
    if (!checkout) throw new Error("no service");
    const { runtime: _, ...watchedOnly } = checkout;
    world.services[0] = watchedOnly;
    const { plan, noPlan } = await diagnose(world);
    expect(plan).toBeNull();
    expect(noPlan).toContain("nothing of ours runs for checkout");
  });

  it("says in its title which number moves where", async () => {
    expect((await planOf(limited())).title).toContain('"partner.delayMs" from 800 to 1200');
  });

  it.each([
    ["restart", ["edit-setting", "restart"]],
    ["none", ["edit-setting"]],
    [{ reload: "SIGHUP" }, ["edit-setting", "reload"]],
  ] as const)("follows an edit as the files say: %o", async (how, actions) => {
    const plan = await planOf(afterEdit(limited(), how));
    expect(plan.actions.map((one) => one.action)).toEqual(actions);
  });

  it("starts what ended for want of room once there is room, before anything asks it again", () => {
    const [service] = shop().services;
    if (service === undefined) throw new Error("no service");
    const steps = ["free-space", "postgres-write-again"].map((action) => ({ action, params: {} }));
    const named = (kind: "exited" | "disk") =>
      withAfterEdit(steps, service, [{ ...finding(kind), service: service.name }]).map((one) => one.action);
    expect(named("exited")).toEqual(["free-space", "start", "postgres-write-again"]);
    expect(named("disk")).toEqual(["free-space", "postgres-write-again"]);
  });

  it("starts what is down where it could not reload", async () => {
    const world = afterEdit(shop(), { reload: "SIGHUP" });
    world.states["checkout"] = { status: "exited", exitCode: 1, startedAt: NOW - SECOND, finishedAt: NOW };
    world.signals.push({
      kind: "change",
      service: "checkout",
      at: NOW - 5 * SECOND,
      path: "config/app.json",
      goodVersion: "good-1",
      summary: "",
    });
    world.findings = [finding("exited", {}, { since: NOW })];
    expect((await planOf(world)).actions.map((one) => one.action)).toEqual(["restore-files", "start"]);
  });

  it("prefers a reload to a restart where one is configured", async () => {
    const world = afterEdit(failing(), { reload: "SIGHUP" });
    const first = await planOf(world);
    expect(first.actions).toMatchObject([{ action: "reload", params: { signal: "SIGHUP" } }]);
    const second = await planOf(world, [attempted(first)]);
    expect(second).toMatchObject({ class: "restart", id: expect.stringMatching(/^plan_run-1_2_/) });
    expect(second.id).not.toBe(first.id);
  });
});

describe("a fix that did not help", () => {
  it("is not tried again in the same run, under another cause neither", async () => {
    const world = hung();
    const restart = { ...(await planOf(world)), playbook: "degraded-process" };
    const { plan, noPlan } = await diagnose(world, "checkout", [attempted(restart)]);
    expect(plan).toBeNull();
    expect(noPlan).toMatch(/a restart was tried in this run; a human is needed/);
  });

  it("is not proposed again on this service", async () => {
    const world = { ...hung(), cases: [past({})] };
    expect((await diagnose(world)).noPlan).toMatch(/did not help here before/);
  });

  it.each([
    ["one", [89], true],
    ["one", [91], false],
    ["two", [170, 179], true],
    ["two", [181, 182], false],
    ["three, one of them fresh", [1, 400, 500], true],
  ] as const)("holds %s failure of %j days ago against it: %s", async (_name, days, held) => {
    const cases = days.map((age, index) =>
      past({
        id: `case-${index}`,
        at: NOW - age * 24 * 60 * MINUTE,
        outcome: index ? "worse" : "not-healed",
      }),
    );
    const { noPlan } = await diagnose({ ...hung(), cases });
    expect(noPlan?.includes("did not help here before") ?? false).toBe(held);
  });

  it("is forgiven when it has helped since", async () => {
    const world = {
      ...hung(),
      cases: [past({ outcome: "healed", at: NOW - 40 * MINUTE }), past({ id: "case-0" })],
    };
    expect((await planOf(world)).class).toBe("restart");
  });

  it("is not blamed for plans that were rejected, or for another cause", async () => {
    const world = {
      ...hung(),
      cases: [past({ outcome: "rejected" }), past({ id: "case-2", playbook: "cpu-runaway" })],
    };
    expect((await planOf(world)).class).toBe("restart");
  });

  it.each([["hang"], ["degraded-process"]])(
    "gives way to another class when the symptom is back soon after it healed (%s)",
    async (playbook) => {
      const world = { ...hung(), cases: [past({ outcome: "healed", playbook, at: NOW - 10 * MINUTE })] };
      expect((await diagnose(world)).noPlan).toMatch(/the symptom is back after a restart/);
    },
  );
});

describe("no plan", () => {
  it("where a parameter was not seen", async () => {
    const world = limited();
    world.files["checkout"] = { "config/app.json": "{}" };
    expect((await diagnose(world)).noPlan).toMatch(/is only for where this is so/);
  });

  it("for a service that is at fault elsewhere", async () => {
    const world = failing();
    world.failing["orders-db"] = "refused";
    world.levels["orders-db"] = "critical";
    expect((await diagnose(world)).noPlan).toMatch(/^The cause lies with orders-db/);
  });
});

describe("learning", () => {
  it("moves the score by the record of the fix that would be tried", async () => {
    const world = hung();
    world.records["hang restart"] = { successes: 0, total: 8 };
    const before = (await diagnose(hung())).diagnosis.hypotheses[0];
    const after = (await diagnose(world)).diagnosis.hypotheses[0];
    expect(after?.addends.find((one) => one.kind === "learning")?.points).toBe(-667);
    expect(after?.scoreBp).toBe((before?.scoreBp ?? 0) - 667);
  });
});
