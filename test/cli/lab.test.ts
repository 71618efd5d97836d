// opsmedic lab: what is asked of the lab, and what a person is told of it. The faults themselves are tried by CI.
import { expect, it } from "vitest";
import type { Lab, LabAnswer, LabRequest } from "../../lab/trials/lab-command.ts";
import { lab } from "../../lab/trials/lab-command.ts";
import { fakeOperations } from "./fake-operations.ts";
import { runCli } from "./run-cli.ts";

const tried: LabAnswer = {
  summary: {
    faults: 1,
    passed: 0,
    byKind: {},
    bars: [{ what: "data lost", bar: "0", value: 1, text: "1 of 1", holds: false }],
    falseAlarms: 0,
  },
  scores: [
    {
      fault: "killed",
      title: "It is killed.",
      kind: "plain",
      right: "healed",
      detectedMs: 600,
      appliedMs: 1_000,
      wellMs: 1_700,
      cause: { right: true, named: "process-crash" },
      healed: true,
      harm: [],
      dataLost: ["orders"],
      notUndone: null,
      falseAlarm: false,
      passed: false,
      why: "data differs: orders",
    },
  ],
  skipped: [{ fault: "redis-full", missing: "redis" }],
  took_ms: 60_000,
};

function recording(): { asked: LabRequest[]; lab: Lab } {
  const asked: LabRequest[] = [];
  const run: Lab["run"] = async (request) => {
    asked.push(request);
    return tried;
  };
  return { asked, lab: { list: lab.list, run } };
}

const run = (words: string[], its: Lab) =>
  runCli(["lab", "run", ...words], fakeOperations().operations, { lab: its, cwd: "/shop" });

it("says which faults there are", async () => {
  const { code, out } = await run(["--list", "--only", "decoy", "--json"], recording().lab);
  expect(code).toBe(0);
  const listed = JSON.parse(out) as { kind: string }[];
  expect(listed.length).toBeGreaterThanOrEqual(15);
  expect(new Set(listed.map((one) => one.kind))).toEqual(new Set(["decoy"]));
  expect(await run(["--list", "--only", "nobody"], recording().lab)).toMatchObject({ code: 2 });
});

it("tells a missed bar by its exit code, and every miss with its reason", async () => {
  const { asked, lab: its } = recording();
  const { code, out } = await run(
    ["--only", "ci, redis", "--at-once", "2", "--recordings", "runs.jsonl"],
    its,
  );
  expect(code).toBe(3);
  expect(asked).toEqual([{ only: ["ci", "redis"], watch: "1s", atOnce: 2, recordings: "/shop/runs.jsonl" }]);
  expect(out).toMatch(/✗ +killed +healed +process-crash +0\.6 s +1\.0 s +1\.7 s +data differs: orders/);
  expect(out).toContain("✗ data lost: 1 of 1 (bar 0)");
  expect(out).toContain("Not tried: redis-full (no redis here).");
});

it.each([
  ["--at-once", "0"],
  ["--watch", "soon"],
  ["--write", "--only", "ci"],
])("refuses %s %s", async (...words) => {
  expect(await run(words, recording().lab)).toMatchObject({ code: 2 });
});
