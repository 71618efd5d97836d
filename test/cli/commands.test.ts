// What each command asks for, prints, and exits with.
import { describe, expect, it } from "vitest";
import { HealError } from "../../domain/errors.ts";
import type { RunOutcome } from "../../domain/incident.ts";
import { makeCli } from "../../api/cli.ts";
import { EXIT } from "../../api/cli/exit-codes.ts";
import type { Operations } from "../../api/operations.ts";
import { fakeOperations } from "./fake-operations.ts";
import { runCli, surroundings } from "./run-cli.ts";
import { approval, incident, run, story } from "./story.ts";

const ada = { name: "ada", role: "admin", door: "cli" };

function checkAnswer(outcome: RunOutcome | null): Pick<Operations, "triggerCheck"> {
  return {
    triggerCheck: async ({ wait = false }) => ({
      status: "issues_found",
      issues: incident.findings,
      run_ids: ["run_1"],
      unseen: [],
      runs: wait ? [{ ...run, outcome, status: outcome === null ? "waiting" : "ended" }] : [],
      timestamp: "2026-11-21T12:00:00Z",
    }),
  };
}

describe("config reload", () => {
  it("tells what the server took over, and what only its next start will", async () => {
    const changes = { added: ["api"], changed: ["web"], removed: ["old"], policy: true };
    const { operations, calls } = fakeOperations({
      reloadConfig: async () => ({ ...changes, switched_mode: "observe", needs_restart: ["logs"] }),
    });
    const { code, out } = await runCli(["config", "reload", "--dry-run"], operations);
    expect(calls).toEqual([["reloadConfig", { dry_run: true }, ada]]);
    expect({ code, lines: out.split("\n").slice(0, 2) }).toEqual({
      code: 0,
      lines: ["Would take over:", "+ api: watched from now on"],
    });
    expect(out).toContain("▲ the mode stays observe");
    expect(out).toContain("▲ only from the server's next start on: logs\n");
  });
});

describe("heal", () => {
  it.each<[RunOutcome | null, number]>([
    ["healed", 0],
    ["healthy", 0],
    ["no-longer-needed", 0],
    ["failed", 1],
    ["cancelled", 1],
    ["dry-run", 3],
    ["observed", 3],
    ["deferred", 3],
    [null, 5],
    ["rolled-back", 6],
    ["escalated", 7],
    ["rejected", 7],
  ])("--wait for a run that ends %s exits with %d", async (outcome, code) => {
    const { operations } = fakeOperations(checkAnswer(outcome));
    expect(await runCli(["heal", "checkout", "--wait"], operations)).toMatchObject({ code });
  });

  it("only starts the run where a server goes on with it", async () => {
    const { operations, calls } = fakeOperations(checkAnswer("healed"));
    const { code, out, err } = await runCli(["heal", "checkout"], operations);
    expect(calls).toEqual([["triggerCheck", { services: ["checkout"], dry_run: false, wait: false }, ada]]);
    expect(code).toBe(0);
    expect(out).toContain("Started 1 run: run_1");
    expect(err).toBe("Healing checkout …\n");
  });

  it("--dry-run lists everything that would be taken away, with its bytes and their sum", async () => {
    const items = [
      { path: "/srv/logs/app.log.1", does: "empty", files: 1, bytes: 1_800_001 },
      { path: "/srv/tmp", does: "remove", files: 3, bytes: 299_999 },
    ];
    const action = { step: 1, action: "free-space", service: "checkout", effect: "reversible" as const };
    const plan = incident.plan && { ...incident.plan, actions: [{ ...action, params: { at: 7, items } }] };
    const { operations, calls } = fakeOperations({
      ...checkAnswer("dry-run"),
      run: async () => ({ ...story, incident: { ...incident, plan } }),
    });
    const { code, out } = await runCli(["heal", "checkout", "--dry-run"], operations);
    expect(code).toBe(EXIT.problems);
    expect(out).toContain("free-space  checkout  4 in all, 2100000 B  reversible");
    expect(out).toContain("   empty /srv/logs/app.log.1  1800001 B\n");
    expect(out).toContain("   remove /srv/tmp (3 files)  299999 B\n");
    expect(calls[0]).toEqual(["triggerCheck", { services: ["checkout"], dry_run: true, wait: true }, ada]);
    const json = JSON.parse((await runCli(["heal", "checkout", "--dry-run", "--json"], operations)).out);
    expect(json).toMatchObject({ run_ids: ["run_1"], stories: [{ incident: { plan: { actions: [{}] } } }] });
  });

  it("waits where it opened the store itself: nobody else would finish the run", async () => {
    const { operations, calls } = fakeOperations(checkAnswer("healed"));
    await runCli(["heal"], operations, {
      connect: async () => ({ operations, via: "embedded", close: async () => undefined }),
    });
    expect(calls).toEqual([["triggerCheck", { dry_run: false, wait: true }, ada]]);
  });

  it("--exit-zero reports findings without failing, but not a failed command", async () => {
    const found = fakeOperations(checkAnswer("escalated"));
    expect(await runCli(["heal", "--wait", "--exit-zero"], found.operations)).toMatchObject({ code: 0 });
    const failed = fakeOperations(checkAnswer("failed"));
    expect(await runCli(["heal", "--wait", "--exit-zero"], failed.operations)).toMatchObject({ code: 1 });
  });
});

describe("start and stop", () => {
  it.each([
    ["start", true, true, "checkout was started."],
    ["start", true, false, "checkout runs already."],
    ["stop", false, true, "checkout was stopped. It is left alone until: opsmedic start checkout"],
    ["stop", false, false, "checkout was stopped already. It is left alone until: opsmedic start checkout"],
  ])("%s says what was done", async (verb, running, changed, text) => {
    const given = async () => ({ service: "checkout", running, changed });
    const { operations, calls } = fakeOperations({ startService: given, stopService: given });
    expect(await runCli([verb, "checkout"], operations)).toMatchObject({ code: 0, out: `${text}\n` });
    expect(calls).toEqual([[`${verb}Service`, "checkout", ada]]);
    const { out } = await runCli([verb, "checkout", "--json"], operations);
    expect(JSON.parse(out)).toEqual({ service: "checkout", running, changed });
  });

  it("--dry-run touches nothing, and knows the services", async () => {
    const { operations, calls } = fakeOperations();
    expect(await runCli(["stop", "checkout", "--dry-run"], operations)).toMatchObject({
      code: 0,
      out: "Would stop checkout.\n",
    });
    expect(await runCli(["start", "chekout", "--dry-run"], operations)).toMatchObject({ code: 2 });
    expect(calls.map(([name]) => name)).toEqual(["status", "status"]);
  });
});

describe("diagnose", () => {
  it("ties the hands, tells the story, and exits with 3", async () => {
    const { operations, calls } = fakeOperations(checkAnswer("dry-run"));
    const { code, out } = await runCli(["diagnose", "checkout"], operations);
    expect(code).toBe(3);
    expect(calls[0]).toEqual(["triggerCheck", { services: ["checkout"], dry_run: true, wait: true }, ada]);
    expect(out).toContain("Arithmetic");
  });
});

describe("output", () => {
  it("--json prints one document on stdout and nothing else", async () => {
    const { operations } = fakeOperations();
    const { out, err } = await runCli(["runs", "ls", "--json"], operations);
    expect(JSON.parse(out)).toEqual({ runs: [run], next_cursor: null });
    expect(err).toBe("");
  });

  it("--json keeps the text as it is; a terminal gets it harmless", async () => {
    const evil = { ...run, service: "a\u001b[2J" };
    const { operations } = fakeOperations({ runs: async () => ({ runs: [evil], next_cursor: null }) });
    expect(JSON.parse((await runCli(["runs", "ls", "--json"], operations)).out)).toMatchObject({
      runs: [evil],
    });
    expect((await runCli(["runs", "ls"], operations)).out).not.toContain("\u001b");
  });

  it("a filter that nothing fits is not an empty history", async () => {
    const { operations } = fakeOperations({ runs: async () => ({ runs: [], next_cursor: null }) });
    expect(await runCli(["runs", "ls", "--service", "cart"], operations)).toMatchObject({
      out: "No run fits.\n",
    });
    expect((await runCli(["runs", "ls"], operations)).out).toContain("No runs yet.");
  });

  it("--quiet says nothing on stderr", async () => {
    const { operations } = fakeOperations(checkAnswer("healed"));
    expect(await runCli(["heal", "-q"], operations)).toMatchObject({ err: "" });
  });

  it("an error says what, and what to do; with --json as a document", async () => {
    const { operations } = fakeOperations({
      run: () =>
        Promise.reject(new HealError("There is no run r", { code: "not-found", hint: "opsmedic runs ls" })),
    });
    expect(await runCli(["runs", "show", "r"], operations)).toMatchObject({
      code: 1,
      out: "",
      err: "There is no run r\n→ opsmedic runs ls\n",
      closed: 1,
    });
    const { out, code } = await runCli(["runs", "show", "r", "--json"], operations);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      error: { code: "not-found", message: "There is no run r", hint: "opsmedic runs ls" },
    });
  });

  it.each([
    ["auth-missing", 4],
    ["auth-refused", 4],
    ["unauthorized", 4],
    ["forbidden", 4],
    ["timeout", 8],
    ["config-invalid", 2],
    ["bad-cursor", 2],
    ["unknown-service", 2],
    ["store-locked", 1],
  ])("the error %s exits with %d", async (code, expected) => {
    const { operations } = fakeOperations({ mode: () => Promise.reject(new HealError("no", { code })) });
    expect(await runCli(["mode"], operations)).toMatchObject({ code: expected });
  });

  it.each([
    [["nonsense"]],
    [["runs"]],
    [["runs", "show"]],
    [["heal", "--nonsense"]],
    [["mode", "sometimes"]],
    [["pause", "soon"]],
    [["runs", "ls", "--limit", "0"]],
    [["runs", "ls", "--outcome", "splendid"]],
    [["status", "--timeout", "soon"]],
    [["approvals", "approve", "apr_1"]],
    [["completion", "tcsh"]],
    [["demo", "explode"]],
    [["demo", "break"]],
  ])("%j is a usage error", async (words) => {
    const { operations, calls } = fakeOperations();
    expect(await runCli(words, operations)).toMatchObject({ code: 2, out: "" });
    expect(calls).toEqual([]);
  });
});

describe("time and interruption", () => {
  it("gives up after --timeout, and closes what it opened", async () => {
    const { operations } = fakeOperations({ mode: () => new Promise(() => undefined) });
    expect(await runCli(["mode", "--timeout", "1s"], operations)).toMatchObject({ code: 8, closed: 1 });
  });
});

describe("an interruption", () => {
  it.each([
    [EXIT.interrupted, 130],
    [EXIT.terminated, 143],
  ])("with %d ends the wait, closes what was opened, and exits with %d", async (reason, expected) => {
    const stop = new AbortController();
    const { operations } = fakeOperations({
      mode: () => {
        stop.abort(reason);
        return new Promise(() => undefined);
      },
    });
    const { dependencies, printed } = surroundings(operations);
    expect(await makeCli(dependencies).run(["mode"], stop.signal)).toBe(expected);
    expect(printed.closed).toBe(1);
  });
});

describe("decisions", () => {
  it("are bound to the plan as it is now, by name, with a reason", async () => {
    const decided = { ...approval, status: "approved" as const };
    const { operations, calls } = fakeOperations({ decideApproval: async () => decided });
    const { code, out } = await runCli(["approvals", "approve", "apr_1", "--reason", "seen it"], operations);
    expect(code).toBe(0);
    expect(out).toContain("approved: Restart checkout");
    expect(calls.at(-1)).toEqual([
      "decideApproval",
      "apr_1",
      { decision: "approve", reason: "seen it", plan_hash: "9f3c1ab" },
      ada,
    ]);
  });

  it("--plan-hash holds on to the plan that was read", async () => {
    const { operations, calls } = fakeOperations({ decideApproval: async () => approval });
    await runCli(["approvals", "reject", "apr_1", "--reason", "no", "--plan-hash", "old"], operations);
    expect(calls.at(-1)?.[2]).toEqual({ decision: "reject", reason: "no", plan_hash: "old" });
  });

  it.each([
    [
      ["approvals", "approve", "apr_1", "--reason", "x", "--dry-run"],
      "Would approve apr_1: Restart checkout\n",
    ],
    [["runs", "cancel", "run_1", "--dry-run"], "Run run_1 has ended; nothing to cancel.\n"],
    [["mode", "observe", "--dry-run"], "Would change the mode from auto to observe.\n"],
    [["pause", "1h", "--dry-run"], "Would pause all healing for 1 h.\n"],
    [["resume", "--dry-run"], "Would resume healing.\n"],
  ])("%j changes nothing", async (words, out) => {
    const { operations, calls } = fakeOperations();
    expect(await runCli(words, operations)).toMatchObject({ code: 0, out });
    expect(calls.map(([name]) => name)).not.toContain("decideApproval");
    expect(calls.every(([name]) => ["approval", "run", "mode"].includes(String(name)))).toBe(true);
  });
});

describe("a pause", () => {
  it.each([
    ["9999-12-31T23:59:59.999Z", "paused until it is resumed"],
    ["2026-11-21T12:00:00.000Z", "paused until 2026-11-21 12:00:00Z"],
  ])("until %s reads: %s", async (paused_until, words) => {
    const { operations } = fakeOperations({ pause: async () => ({ mode: "auto" as const, paused_until }) });
    const { out } = await runCli(["pause"], operations);
    expect(out.split("\n")[1]).toBe(`Healing is ${words}: opsmedic resume ends it.`);
  });
});

describe("backups", () => {
  const restored = {
    restored: true,
    steps: [{ step: 1, action: "restart", ok: true, text: "done" }],
    backup_id: "b2",
  };

  it("rollback restores the backup that the run took", async () => {
    const { operations, calls } = fakeOperations({ restoreBackup: async () => restored });
    const { code, out } = await runCli(["rollback", "run_1"], operations);
    expect(calls.at(-1)).toEqual(["restoreBackup", "backup_20261121_120001", { dry_run: false }, ada]);
    expect(code).toBe(0);
    expect(out).toBe(
      "Restored backup_20261121_120001.\n✓  1.  restart  done\nThe state before is kept in b2.\n",
    );
  });

  it("rollback of a run that changed nothing says so", async () => {
    const { operations } = fakeOperations({
      run: async () => ({ ...story, backup: null, incident: { ...incident, backupId: null } }),
    });
    expect(await runCli(["rollback", "run_1"], operations)).toMatchObject({
      code: 1,
      err: expect.stringContaining("changed nothing"),
    });
  });

  it("a step that fails is not a success", async () => {
    const steps = [{ step: 1, action: "restart", ok: false, text: "no such container" }];
    const { operations } = fakeOperations({
      restoreBackup: async () => ({ ...restored, restored: false, steps }),
    });
    expect(await runCli(["backups", "restore", "b"], operations)).toMatchObject({ code: 1 });
  });

  it("verify without a name reads all, and exits with 3 on damage", async () => {
    const { operations } = fakeOperations({
      verifyBackup: async () => ({ ok: false, problems: ["file missing"] }),
    });
    const { code, out } = await runCli(["backups", "verify"], operations);
    expect(code).toBe(3);
    expect(out).toBe("✕ backup_20261121_120001\n    file missing\n");
  });
});

describe("what can be checked afterwards", () => {
  it("gate replay exits with 3 where the verdict differs", async () => {
    const recorded = incident.verdict;
    if (recorded === null) throw new Error("the story has a verdict");
    const replay = (same: boolean) =>
      fakeOperations({
        replayGate: async () => [
          { recorded, replayed: same ? recorded : { ...recorded, decision: "ask", scoreBp: 8_000 }, same },
        ],
      });
    expect(await runCli(["gate", "replay", "run_1"], replay(true).operations)).toMatchObject({ code: 0 });
    expect(await runCli(["gate", "replay", "run_1"], replay(false).operations)).toMatchObject({
      code: 3,
      out: "✕ recorded allow at 87.50 %, replayed ask at 80.00 %\n",
    });
  });

  it("audit verify exits with 3 where the chain breaks", async () => {
    const broken = { ok: false, entries: 9, brokenAt: 4, problem: "hash does not fit" };
    const { operations } = fakeOperations({ verifyAudit: async () => broken });
    expect(await runCli(["audit", "verify"], operations)).toMatchObject({
      code: 3,
      out: "✕ The chain breaks at entry 4 of 9: hash does not fit\n",
    });
  });
});

describe("watching", () => {
  it("does not wait for a run that nobody goes on with", async () => {
    const { operations } = fakeOperations({
      run: async () => ({ ...story, run: { ...run, status: "running", outcome: null } }),
    });
    const alone = {
      connect: async () => ({ operations, via: "embedded" as const, close: async () => undefined }),
    };
    expect(await runCli(["runs", "watch", "run_1"], operations, alone)).toMatchObject({
      code: 1,
      err: expect.stringContaining("→ opsmedic heal checkout takes it up"),
    });
  });

  it("prints each step once, as lines of JSON, until the run ends", async () => {
    let looks = 0;
    const { operations } = fakeOperations({
      run: async () => {
        looks += 1;
        return looks < 3
          ? {
              ...story,
              run: { ...run, status: "running", outcome: null },
              steps: story.steps.slice(0, looks),
            }
          : story;
      },
    });
    const { code, out } = await runCli(["runs", "watch", "run_1", "--json"], operations);
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(lines).toEqual([...story.steps, { run }]);
    expect(code).toBe(0);
  });
});
