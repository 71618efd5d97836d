// incidents, watches, calibration, insights: what each asks for, and prints.
import { describe, expect, it } from "vitest";
import { calibration } from "../../signals/calibration.ts";
import type { WatchAnswer } from "../../api/learned.ts";
import { fakeOperations } from "./fake-operations.ts";
import { runCli } from "./run-cli.ts";
import { incident, start } from "./story.ts";

const ada = { name: "ada", role: "admin", door: "cli" };
const note = {
  id: "note_1",
  incidentId: "inc_1",
  kind: "note" as const,
  author: "ada",
  text: "x",
  at: start,
};
const watch: WatchAnswer = {
  id: "watch_1",
  service: "checkout",
  signature: "sig_1",
  kind: "exited",
  fromIncident: "inc_1",
  createdAt: start,
  sign: null,
  told: "Nothing that was seen moved before it each time.",
  showing: null,
  warnings: 0,
  lastWarningAt: null,
};

describe("incidents", () => {
  it("ls passes its filters on, and refuses words that it does not know", async () => {
    const page = { incidents: [], total: 0, limit: 20, next_cursor: null };
    const { operations, calls } = fakeOperations({ searchIncidents: async () => page });
    const args = ["incidents", "ls", "--severity", "critical", "--type", "memory", "--text", "oom"];
    expect(await runCli(args, operations)).toMatchObject({ code: 0, out: "No incidents.\n" });
    expect(calls[0]?.[1]).toMatchObject({ severity: "CRITICAL", type: "memory", q: "oom", limit: 20 });
    const wrong = await runCli(["incidents", "ls", "--type", "sad"], operations);
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("--type sad is not known") });
  });

  it("ack, resolve and note say it as the one who runs them; resolve needs a reason", async () => {
    const { operations, calls } = fakeOperations({
      acknowledgeIncident: async () => note,
      resolveIncident: async () => ({ ...(await operations.status()).open_incidents[0]! }),
      noteIncident: async () => note,
    });
    expect(await runCli(["incidents", "ack", "inc_1"], operations)).toMatchObject({
      out: "Acknowledged inc_1.\n",
    });
    await runCli(["incidents", "note", "inc_1", "the disk is old"], operations);
    expect((await runCli(["incidents", "resolve", "inc_1"], operations)).code).toBe(2);
    await runCli(["incidents", "resolve", "inc_1", "--reason", "new disk"], operations);
    expect(calls.filter(([name]) => name !== "status")).toEqual([
      ["acknowledgeIncident", "inc_1", { text: "" }, ada],
      ["noteIncident", "inc_1", { text: "the disk is old" }, ada],
      ["resolveIncident", "inc_1", { text: "new disk" }, ada],
    ]);
  });

  it("stats puts counts and times into words", async () => {
    const { operations } = fakeOperations({
      incidentStats: async () => ({
        total: 3,
        by_type: { exited: 2, memory: 1 },
        by_severity: { CRITICAL: 3 },
        by_status: {},
        mttd: { count: 3, mean: 4_000, median: 3_000 },
        mttr: { count: 0, mean: null, median: null },
        closed: 2,
        auto_resolved: 1,
        auto_resolved_share: 0.5,
        resolved_by_person: 1,
      }),
    });
    const { out } = await runCli(["incidents", "stats"], operations);
    expect(out).toMatch(/by type +exited 2, memory 1/);
    expect(out).toMatch(/mean time to detect +4 s \(median 3 s, of 3\)/);
    expect(out).toMatch(/mean time to resolve +–/);
    expect(out).toMatch(/healed by itself +1 of 2 closed, 50\.00 %/);
  });
});

describe("what was learned", () => {
  it("calibration draws the curve and adds up the Brier score", async () => {
    const scored = [{ scoreBp: 9_000, total: 10, successes: 9 }];
    const { operations, calls } = fakeOperations({
      calibration: async () => ({ since: 0, ...calibration(scored), by_playbook: [] }),
    });
    const { out } = await runCli(["calibration", "--since", "30d", "--playbook", "hang"], operations);
    expect(calls[0]?.[1]).toMatchObject({ playbook: "hang", since: expect.any(Number) });
    expect(out).toMatch(/90\.00 % – 95\.00 % +10 +90\.00 % +90\.00 % +59\.58 % – 98\.21 %/);
    expect(out).toContain("Brier score 0.0900 = reliability 0.0000 − resolution 0.0000 + uncertainty 0.0900");
  });

  it("watches are listed, shown and removed; a dry run removes nothing", async () => {
    const { operations, calls } = fakeOperations({
      watches: async () => [watch],
      watch: async () => watch,
      removeWatch: async () => watch,
    });
    expect((await runCli(["watches", "ls"], operations)).out).toContain("closer look");
    expect((await runCli(["watches", "show", "watch_1"], operations)).out).toContain("exited of checkout");
    expect((await runCli(["watches", "remove", "watch_1", "--dry-run"], operations)).out).toMatch(
      /^Would remove/,
    );
    expect((await runCli(["watches", "remove", "watch_1"], operations)).out).toMatch(/^Removed watch_1/);
    expect(calls.filter(([name]) => name === "removeWatch")).toEqual([["removeWatch", "watch_1", ada]]);
  });

  it("diagnose --explain answers every question about the likeliest cause", async () => {
    const { operations } = fakeOperations({
      triggerCheck: async () => ({
        status: "issues_found",
        issues: incident.findings,
        run_ids: ["run_1"],
        unseen: [],
        runs: [],
        timestamp: "2026-11-21T12:00:00Z",
      }),
    });
    const [top] = incident.diagnosis?.hypotheses ?? [];
    const { code, out } = await runCli(["diagnose", "--explain"], operations);
    expect(code).toBe(3);
    expect(out).toContain(`Asked about: ${top?.title}`);
    for (const { question } of top?.checks ?? []) expect(out).toContain(question);
  });
});
