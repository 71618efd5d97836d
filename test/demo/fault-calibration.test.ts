// Recorded runs of faults become the curve, by the command that a person runs.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import type { Incident } from "../../domain/incident.ts";
import { faultCauses } from "../../lab/fault-causes.ts";
import { faults } from "../../lab/demo-faults.ts";
import { fullIncident } from "../api/full-incident.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "opsmedic-calibration-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lab = new URL("../../lab/calibration.ts", import.meta.url).pathname;

function run(id: string, playbook: string, service: string, scoreBp: number, more: Partial<Incident> = {}) {
  const full = fullIncident(id, more);
  const [top] = full.diagnosis?.hypotheses ?? [];
  if (!full.diagnosis || !top) throw new Error("the sample has no diagnosis");
  return {
    version: 1,
    incident: {
      ...full,
      diagnosis: { ...full.diagnosis, hypotheses: [{ ...top, playbook, service, scoreBp }] },
    },
  };
}

it("counts right causes and healed fixes by what was stated", () => {
  const file = join(folder, "runs.jsonl");
  const recordings = [
    { fault: "crash", run: run("r1", "process-crash", "web", 9_200) },
    { fault: "stop-all", run: run("r2", "process-crash", "worker", 9_200) },
    { fault: "hang", run: run("r3", "process-crash", "web", 6_100, { validation: null }) },
    { fault: "crash", run: { incident: null } },
  ];
  writeFileSync(file, recordings.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const found = JSON.parse(
    execFileSync(process.execPath, [lab, file, "--json"], { encoding: "utf8" }),
  ) as unknown;
  expect(found).toMatchObject({
    diagnosed: 3,
    passedOver: 1,
    cause: {
      count: 3,
      successes: 2,
      bins: [
        { fromBp: 6_000, count: 1, successes: 0 },
        { fromBp: 9_000, count: 2, successes: 2 },
      ],
    },
    healing: { count: 2, successes: 2 },
    wrong: [{ fault: "hang", run: "r3", named: "process-crash at web", scoreBp: 6_100 }],
  });
  const told = execFileSync(process.execPath, [lab, file], { encoding: "utf8" });
  expect(told).toContain("wrong: hang was called process-crash at web at 61 % (r3)");
});

it("refuses what is no recording, with its line", () => {
  const file = join(folder, "bad.jsonl");
  writeFileSync(file, '\n{"fault": "sunspot", "run": {"incident": null}}\n');
  const { status, stderr } = spawnSync(process.execPath, [lab, file], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "Line 2 is no recording of a fault whose cause is known\n",
  });
});

it("knows the cause of every fault of the demo, among the playbooks that are shipped", () => {
  const known = shippedPlaybooks.map((one) => one.id);
  expect(Object.keys(faultCauses).toSorted()).toEqual([...faults].toSorted());
  for (const { playbook } of Object.values(faultCauses)) expect(known).toContain(playbook);
});
