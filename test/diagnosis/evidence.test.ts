// Observations: what each sees, that none throws or hangs, and that each is made once a look.
import { describe, expect, it } from "vitest";
import { databases } from "../../agents/evidence/databases.ts";
import { makeEvidence, observers } from "../../agents/evidence/make-evidence.ts";
import type { EvidenceParts } from "../../agents/evidence/observer.ts";
import { machineCases } from "./machine-observation-cases.ts";
import { observationCases } from "./observation-cases.ts";
import type { JsonObject } from "../../domain/json.ts";
import { evidenceParts, finding, log, NOW, shop, type World } from "./shop-world.ts";

function sceneOf(world: World, name = "checkout") {
  const service = world.services.find((one) => one.name === name);
  if (!service) throw new Error(`no service ${name}`);
  const findings = world.findings.length > 0 ? world.findings : [finding("error-rate")];
  const [first] = findings;
  if (!first) throw new Error("no finding");
  return { service, finding: first, findings, signals: world.signals, now: NOW };
}

async function see(world: World, name: string, params: JsonObject = {}, service = "checkout") {
  const answer = await makeEvidence(evidenceParts(world)).observe(name, params, sceneOf(world, service));
  return answer.status === "known" ? answer.value : `unknown: ${answer.reason}`;
}

function evidence(change: Partial<EvidenceParts>, limitMs?: number) {
  return makeEvidence({ ...evidenceParts(shop()), ...change }, limitMs);
}

describe("an observation", () => {
  it.each([...observationCases, ...machineCases])("%s %o", async (name, params, prepare, value) => {
    const world = shop();
    prepare(world);
    expect(await see(world, name, params)).toEqual(value);
  });

  it("covers every name there is, but for those that need a real database: test/databases", () => {
    const examples = [...observationCases, ...machineCases];
    const covered = new Set([...examples.map(([name]) => name), ...Object.keys(databases)]);
    expect([...observers.keys()].filter((one) => !covered.has(one))).toEqual([]);
  });

  it("of a service where nothing of ours runs is unknown, not contradicting", async () => {
    expect(await see(shop(), "exit-status", {}, "partner")).toBe("unknown: nothing of ours runs there");
    expect(await see(shop(), "outside-service", {}, "partner")).toBe(true);
  });
});

describe("whatever happens", () => {
  const never = { of: () => ({ state: () => new Promise(() => {}) }) } as unknown as EvidenceParts["targets"];

  it("an observation that hangs is unknown when its time is over", async () => {
    const answer = await evidence({ targets: never }, 20).observe("exit-status", {}, sceneOf(shop()));
    expect(answer).toMatchObject({ status: "unknown", reason: "not answered within 20 ms" });
  });

  it("an observation is given up when the run is", async () => {
    const stop = new AbortController();
    const answer = evidence({ targets: never }).observe("exit-status", {}, sceneOf(shop()), stop.signal);
    stop.abort(new Error("the run was cancelled"));
    expect(await answer).toMatchObject({ status: "unknown", reason: "the run was cancelled" });
  });

  it("an observation that throws is unknown with the error's words", async () => {
    const host = { use: () => Promise.reject(new Error("no /proc here")) };
    const answer = await evidence({ host }).observe("host-memory", {}, sceneOf(shop()));
    expect(answer).toMatchObject({ status: "unknown", reason: "no /proc here" });
  });

  it("the same question in one look is asked once, and again in the next look", async () => {
    let asked = 0;
    const host = { use: () => Promise.resolve({ cpu: 0, memory: (asked += 1), disks: [] }) };
    const one = evidence({ host });
    const scene = sceneOf(shop());
    await Promise.all([one.observe("host-memory", {}, scene), one.observe("host-memory", {}, { ...scene })]);
    expect(asked).toBe(1);
    await one.observe("host-memory", {}, { ...scene, signals: [...scene.signals] });
    expect(asked).toBe(2);
  });

  it("a flood of hostile log lines is read in bounded time and space", async () => {
    const world = shop();
    const hostile = `${"a.".repeat(5_000)} failed to load ${"x".repeat(5_000)} 429 ${"9".repeat(5_000)}`;
    world.signals.push(...Array.from({ length: 3_000 }, (_, n) => log(hostile, NOW - n)));
    for (const name of ["config-error-in-log", "upstream-of-log"]) {
      const text = JSON.stringify(await see(world, name, { about: "rate-limit" }));
      expect(text.length).toBeLessThan(400);
    }
  });
});
