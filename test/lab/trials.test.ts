// The lab's judgement: what counts as healed, harmed, lost and undone, by what was seen from outside; and its tables.
import { describe, expect, it } from "vitest";
import type { RunExport } from "../../knowledge/records.ts";
import { faultCalibration } from "../../lab/fault-calibration.ts";
import type { Fault, Scene } from "../../lab/trials/fault.ts";
import { chosen, faults } from "../../lab/trials/faults.ts";
import { renderLabPage } from "../../lab/trials/page.ts";
import { recordingsOf } from "../../lab/trials/recordings.ts";
import { type Score, scoreOf } from "../../lab/trials/score.ts";
import { summaryOf } from "../../lab/trials/summary.ts";
import type { LabServer } from "../../lab/trials/server.ts";
import { type Trial, tryFault } from "../../lab/trials/trial.ts";

const names = { web: "s01-web", cart: "s01-cart" };

const fault = (change: Partial<Fault> = {}): Fault => ({
  name: "killed",
  title: "It is killed.",
  kind: "plain",
  needs: "processes",
  right: "healed",
  causes: [{ role: "web", playbooks: ["process-crash"] }],
  may: ["process web"],
  stage: () => Promise.reject(new Error("not staged here")),
  ...change,
});

const before = { "process web": "start 1", "process cart": "start 1", "file web/a.json": "aa" };

const trial = (change: Partial<Trial> = {}): Trial => ({
  brokenAt: 1_000,
  sawIll: true,
  incidentAt: 1_500,
  changedAt: 3_500,
  wellAt: 4_000,
  wellAtEnd: true,
  before,
  after: { ...before, "process web": "start 2" },
  dataBefore: { orders: "500 rows" },
  dataAfter: { orders: "500 rows" },
  touched: ["process web"],
  ended: "as wanted",
  runs: [diagnosed("process-crash")],
  ...change,
});

/** A run whose first look named this cause, and whose later one another. */
function diagnosed(playbook: string, service = "s01-web"): RunExport {
  const hypothesis = (of: string) => ({
    playbook: of,
    title: of,
    service,
    cause: of,
    checks: [],
    addends: [],
    scoreBp: 9_000,
    discriminated: true,
  });
  const diagnosis = (of: string) => ({
    service,
    at: 1_600,
    hypotheses: [hypothesis(of)],
    explanation: of,
  });
  const step = (of: string, seq: number) => ({
    seq,
    node: "diagnose",
    agent: "analyst",
    phase: "end",
    at: 1_600,
    ms: 1,
    data: { diagnosis: diagnosis(of) },
  });
  return {
    version: 1,
    run: { id: "run", service, outcome: "healed", status: "ended" },
    steps: [step(playbook, 1), step("something-else", 2)],
    journal: [],
    incident: { runId: "run", service, diagnosis: diagnosis(playbook), validation: null },
  } as unknown as RunExport;
}

describe("a trial is watched from its first moment", () => {
  it("sees harm that was done and repaired while the fault was still being made", async () => {
    const sessions = new Set<string>();
    const state = async () => Object.fromEntries([...sessions].map((one) => [one, "connected"]));
    let isFull = false;
    const looked = Promise.withResolvers<void>();
    const scene: Scene = {
      services: [],
      names: { db: "s01-db" },
      break: async () => {
        sessions.add("session checkout 1");
        isFull = true;
        await looked.promise;
        sessions.clear(); // as a repair would
        isFull = false;
      },
      well: async () => !isFull,
      state: async () => {
        looked.resolve();
        return state();
      },
      data: async () => ({}),
      mend: async () => undefined,
    };
    const server = { runs: new Map(), incidents: new Map() } as unknown as LabServer;
    const told = await tryFault(fault({ causes: [] }), scene, { server, signal: AbortSignal.timeout(9_000) });
    expect(told).toMatchObject({ sawIll: true, touched: ["session checkout 1"], ended: "as wanted" });
    expect(told.changedAt).toBeDefined();
  });
});

describe("a trial is judged by what was seen from outside", () => {
  it("counts the times from the break, and from the incident to the first change", () => {
    expect(scoreOf(fault(), names, trial())).toMatchObject({
      detectedMs: 500,
      appliedMs: 2_000,
      wellMs: 3_000,
      cause: { right: true, named: "process-crash" },
      healed: true,
      harm: [],
      dataLost: [],
      passed: true,
      why: "",
    });
  });

  it("takes the first diagnosis, at the right service", () => {
    const wrong = scoreOf(fault(), names, trial({ runs: [diagnosed("hang")] }));
    expect(wrong).toMatchObject({ cause: { right: false, named: "hang" }, healed: true, passed: false });
    const elsewhere = scoreOf(fault(), names, trial({ runs: [diagnosed("process-crash", "s01-cart")] }));
    expect(elsewhere).toMatchObject({ cause: { right: false, named: "nothing" }, passed: false });
  });

  it("lets either of two faults be named first, and both must be", () => {
    const causes = [
      { role: "web", playbooks: ["process-crash"] },
      { role: "cart", playbooks: ["hang"] },
    ];
    const suffers = { ...diagnosed("dependency-down", "s01-cart"), run: diagnosed("", "s01-web").run };
    const runs = [suffers, diagnosed("hang", "s01-cart"), diagnosed("process-crash")];
    expect(scoreOf(fault({ causes }), names, trial({ runs })).cause).toEqual({
      right: true,
      named: "process-crash, hang",
    });
    const half = scoreOf(fault({ causes }), names, trial({ runs: runs.slice(0, 2) }));
    expect(half.cause).toMatchObject({ right: false });
    const wrongFirst = [diagnosed("memory-leak"), ...runs];
    expect(scoreOf(fault({ causes }), names, trial({ runs: wrongFirst })).cause).toEqual({
      right: false,
      named: "memory-leak, hang",
    });
  });

  it("calls every change a harm that the fault does not allow, also one that went by", () => {
    const touched = ["process web", "process cart"];
    expect(scoreOf(fault(), names, trial({ touched }))).toMatchObject({
      harm: ["process cart"],
      passed: false,
    });
    const decoy = fault({ kind: "decoy", right: "nothing", may: [], causes: [] });
    expect(scoreOf(decoy, names, trial())).toMatchObject({
      harm: ["process web"],
      falseAlarm: true,
      passed: false,
    });
    const passing = [...touched.slice(0, 1), "file web/.opsmedic-0a1b.tmp"];
    expect(scoreOf(fault(), names, trial({ touched: passing })).harm).toEqual([]);
    const left = { ...before, "file web/.opsmedic-0a1b.tmp": "aa" };
    expect(scoreOf(fault(), names, trial({ touched: passing, after: left })).harm).toHaveLength(1);
  });

  it("sees a row that is lost", () => {
    const lost = scoreOf(fault(), names, trial({ dataAfter: { orders: "499 rows" } }));
    expect(lost).toMatchObject({ dataLost: ["orders"], passed: false });
  });

  it("asks that what was given up or taken back is as it was, but for restarts", () => {
    const vain = fault({ kind: "fix in vain", right: "given up", may: ["process web", "file web/"] });
    expect(scoreOf(vain, names, trial())).toMatchObject({ notUndone: [], passed: true });
    const after = { ...before, "file web/a.json": "bb" };
    expect(scoreOf(vain, names, trial({ after }))).toMatchObject({
      notUndone: ["file web/a.json"],
      passed: false,
    });
    expect(scoreOf(fault(), names, trial({ takenBack: after })).notUndone).toEqual(["file web/a.json"]);
    expect(scoreOf(fault(), names, trial()).notUndone).toBeNull();
  });

  it("does not take a fault for healed that did nothing, or whose time was over", () => {
    const over = trial({ ended: "time over", wellAtEnd: false });
    expect(scoreOf(fault(), names, over)).toMatchObject({ healed: false, passed: false });
    const never = trial({ ended: "time over", sawIll: false, wellAtEnd: true });
    const { changedAt: _, ...unchanged } = never;
    expect(scoreOf(fault(), names, unchanged)).toMatchObject({ healed: false, passed: false });
    expect(scoreOf(fault(), names, trial({ problem: "the lab could not look" })).passed).toBe(false);
  });
});

describe("all trials together", () => {
  const good = scoreOf(fault(), names, trial());
  const bad: Score = {
    ...good,
    fault: "other",
    cause: { right: false, named: "hang" },
    healed: false,
    passed: false,
  };

  it("are held against the bars; what could not be measured is no success", () => {
    const { bars, passed } = summaryOf([good, bad]);
    const barOf = (what: string) => bars.find((one) => one.what === what);
    expect(passed).toBe(1);
    expect(barOf("right cause")).toMatchObject({ value: 0.5, holds: false });
    expect(barOf("healed, of what can be healed")).toMatchObject({ value: 0.5, holds: false });
    expect(barOf("undo exact")).toMatchObject({ value: null, text: "–" });
    expect(barOf("median time from the break to the incident")).toMatchObject({ value: 500, holds: true });
    const slow = summaryOf([{ ...good, detectedMs: 6_000 }]);
    expect(slow.bars.find((one) => one.what.includes("to the incident"))).toMatchObject({ holds: false });
  });

  it("make a page that says what was missed, and a curve of stated confidence", () => {
    const recordings = recordingsOf(fault(), names, [diagnosed("process-crash"), diagnosed("hang")]);
    expect(faultCalibration(recordings)).toMatchObject({
      diagnosed: 2,
      wrong: [{ named: "hang at s01-web" }],
    });
    const page = renderLabPage({
      scores: [good, { ...bad, why: "the first cause named was hang" }],
      recordings,
      tookMs: 60_000,
      summary: summaryOf([good, bad]),
      skipped: [{ fault: "container-killed", missing: "docker" }],
      watch: "1s",
      load: 0.5,
    });
    expect(page).toContain("- **other**: the first cause named was hang.");
    expect(page).toContain("not tried here: container-killed (no docker)");
    expect(page).toMatch(/\| right cause \| ≥ 90 % \| 50 % \(1 of 2\) \| \*\*missed\*\* \|/);
    expect(page).toMatch(/\| 90 – 95 % \| 2 \| 90 % \| 50 % \|/);
  });
});

const of = (kind: string): number => faults.filter((one) => one.kind === kind).length;

describe("the faults", () => {
  it("are as many as were promised, and told apart by their names", () => {
    expect(faults.length).toBeGreaterThanOrEqual(60);
    expect(new Set(faults.map((one) => one.name)).size).toBe(faults.length);
    expect(of("decoy")).toBeGreaterThanOrEqual(15);
    expect(of("double")).toBeGreaterThanOrEqual(8);
    expect(of("misleading log")).toBeGreaterThanOrEqual(8);
    expect(of("fix in vain")).toBeGreaterThanOrEqual(6);
    expect(of("hostile")).toBeGreaterThanOrEqual(4);
  });

  it("allow no change where nothing is to be repaired, and name a cause where something is", () => {
    const quiet = faults.filter((one) => one.right === "nothing" || one.right === "told");
    expect(quiet.filter((one) => (one.may ?? []).length > 0).map((one) => one.name)).toEqual([]);
    const known = faults.filter((one) => one.right !== "nothing");
    expect(known.filter((one) => !one.causes?.length).map((one) => one.name)).toEqual([]);
  });

  it("are chosen by name, kind, world or for CI", () => {
    expect(chosen(["deadlock"]).map((one) => one.name)).toEqual(["deadlock"]);
    expect(chosen(["misleading-log"]).every((one) => one.kind === "misleading log")).toBe(true);
    expect(chosen(["redis"]).every((one) => one.needs === "redis")).toBe(true);
    expect(chosen(["ci"]).length).toBeGreaterThan(10);
    expect(() => chosen(["nothing-like-it"])).toThrow("no fault");
  });
});
