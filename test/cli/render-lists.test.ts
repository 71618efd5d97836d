// Status, lists, doctor: what a person reads.
import { describe, expect, it } from "vitest";
import { renderDoctor } from "../../api/cli/render/doctor.ts";
import { harmless } from "../../api/cli/render/harmless.ts";
import {
  renderApproval,
  renderApprovals,
  renderBackups,
  renderIncident,
  renderIncidents,
  renderRuns,
} from "../../api/cli/render/lists.ts";
import { renderStatus } from "../../api/cli/render/status.ts";
import { percentOfBp, percentOfRatio, signedPoints, span } from "../../api/cli/render/words.ts";
import { fakeOperations } from "./fake-operations.ts";
import { approval, run, start, story } from "./story.ts";

describe("the screens", () => {
  it("status: what needs a person, what is broken, the rest", async () => {
    expect(renderStatus(await fakeOperations().operations.status(), start)).toMatchInlineSnapshot(`
      "‖ checkout: Restart checkout (79.35 %, risk low), expires in 30 min
        opsmedic approvals show apr_1

      service    state       what
      checkout   ✕ critical  checkout ended with exit code 1
      orders-db  ● healthy

      incident  severity  service   what                             seen  since
      inc_1     critical  checkout  checkout ended with exit code 1  2×    3 min ago

      Watched more closely
        checkout  exited  sig_1

      mode auto · last check 1 min ago · every 5 min
      8 fixes, 87.50 % worked · 0 recent backups"
    `);
  });

  it("status: what its operator stopped is neither well nor ill", async () => {
    const status = await fakeOperations().operations.status();
    const summary = "orders-db was stopped by its operator, and is left alone.";
    const services = [{ name: "orders-db", status: "healthy" as const, stopped: true, summary }];
    expect(renderStatus({ ...status, services }, start)).toContain(`orders-db  ○ stopped  ${summary}`);
  });

  it("status of an empty opsmedic teaches", async () => {
    const status = await fakeOperations().operations.status();
    expect(
      renderStatus(
        { ...status, services: [], open_incidents: [], pending_approvals: [], watches: [], last_check: null },
        start,
      ),
    ).toMatchInlineSnapshot(`
      "No services yet. Name them in opsmedic.yaml; opsmedic init --dry-run shows what runs here.

      No open incidents.

      mode auto · last check never · every 5 min
      8 fixes, 87.50 % worked · 0 recent backups"
    `);
  });

  it("incidents of one outage", async () => {
    const [cause] = (await fakeOperations().operations.status()).open_incidents;
    if (cause === undefined) throw new Error("no incident");
    const { id, service, title, status } = cause;
    const part = { ...cause, id: "inc_2", service: "web", title: "web answers 502" };
    const parts = [{ ...part, cause: service, partOf: { id, service, title, status } }];
    expect(renderIncidents([cause, ...parts], start)).toMatchInlineSnapshot(`
      "incident  status  severity  service   what                                                              seen  last
      inc_1     ACTIVE  CRITICAL  checkout  checkout ended with exit code 1                                   2×    0 ms ago
      inc_2     ACTIVE  CRITICAL  web       part of inc_1: checkout ended with exit code 1 (web answers 502)  2×    0 ms ago"
    `);
    expect(renderIncident(cause, parts, [], start)).toMatchInlineSnapshot(`
      "Incident inc_1 · checkout · CRITICAL · ACTIVE
      checkout ended with exit code 1
      opened 2026-11-21 11:57:00Z, last seen 2026-11-21 12:00:00Z, 2×
      with it inc_2 · web · ACTIVE: web answers 502
      signatures sig_1

      No runs yet. opsmedic diagnose looks once; opsmedic serve keeps looking."
    `);
    const whole = { ...(await fakeOperations().operations.status()), open_incidents: [cause, ...parts] };
    expect(renderStatus(whole, start), "its row is the one above").toMatch(
      /web answers 502 \(part of inc_1\) /,
    );
    expect(renderStatus({ ...whole, open_incidents: parts }, start)).toContain(
      `web answers 502 (part of inc_1: ${title})`,
    );
  });

  it("runs", () => {
    expect(
      renderRuns(
        [run, { ...run, id: "run_2", status: "waiting", outcome: null, scoreBp: null, endedAt: null }],
        start + 200_000,
      ),
    ).toMatchInlineSnapshot(`
      "run    service   outcome                 score  by     started         took
      run_1  checkout  ✓ healed              87.50 %  watch  3 min 20 s ago  2 min 15 s
      run_2  checkout  ‖ waits for approval        –  watch  3 min 20 s ago"
    `);
  });

  it("approvals", () => {
    expect(renderApprovals([approval], start)).toMatchInlineSnapshot(`
      "approval  status     service     score  risk  expires    what
      apr_1     ‖ pending  checkout  79.35 %  low   in 30 min  Restart checkout"
    `);
    expect(renderApproval(approval, story, start)).toMatchInlineSnapshot(`
      "Approval apr_1 · checkout · run run_1 · pending
      Restart checkout
      score 79.35 %, risk low, asked 0 ms ago, expires in 30 min
      http://127.0.0.1:8686/approvals/apr_1

      Restart checkout
        1.  restart  checkout  graceMs=5000  repeatable
        restart, risk low; touches 1 service (checkout), about 4 s without service
        hash 9f3c1ab

      What would change
        1. restart checkout

      opsmedic approvals approve apr_1 --reason "…""
    `);
    expect(renderApprovals([], start)).toBe("Nothing waits for approval.");
  });

  it("backups", () => {
    expect(renderBackups(story.backup ? [story.backup.meta] : [])).toMatchInlineSnapshot(`
      "backup                  taken                 service     score  run    files  why
      backup_20261121_120001  2026-11-21 12:00:01Z  checkout  87.50 %  run_1      1  before restart"
    `);
  });

  it("doctor says what to do", () => {
    expect(
      renderDoctor([
        { name: "node", status: "ok", text: "v24.21.0" },
        { name: "docker", status: "warn", text: "cannot be reached", advice: "Only needed for containers." },
        { name: "configuration", status: "fail", text: "2 complaints", advice: "a:1:2 x\na:2:3 y" },
      ]),
    ).toMatchInlineSnapshot(`
      "✓ ok    node           v24.21.0
      ▲ warn  docker         cannot be reached
                → Only needed for containers.
      ✕ fail  configuration  2 complaints
                → a:1:2 x
                → a:2:3 y

      1 problem, 1 warning."
    `);
  });
});

describe("numbers", () => {
  it("are truncated, never rounded up", () => {
    expect([8_499, 8_500, 10_000, 5, 0].map(percentOfBp)).toEqual([
      "84.99 %",
      "85.00 %",
      "100.00 %",
      "0.05 %",
      "0.00 %",
    ]);
    expect([0.875, 0.84999, 0.29, null].map(percentOfRatio)).toEqual(["87.50 %", "84.99 %", "29.00 %", "–"]);
    expect([2_750, -50, -1_205, 0].map(signedPoints)).toEqual(["+27.50", "−0.50", "−12.05", "+0.00"]);
  });

  it.each([
    [412, "412 ms"],
    [3_290, "3.2 s"],
    [59_999, "59.9 s"],
    [60_000, "1 min"],
    [125_000, "2 min 5 s"],
    [3_600_000, "1 h"],
    [90_061_000, "1 d 1 h"],
  ])("%d ms are %s", (ms, text) => {
    expect(span(ms)).toBe(text);
  });
});

describe("text from outside", () => {
  it("cannot steer the terminal, nor turn the direction of writing", () => {
    const evil = "a\u001b]0;owned\u0007\u001b[2J\r\u009b31m\u202eb\tc\nd";
    expect(harmless({ [evil]: [evil, 1, null] })).toEqual({
      "a�]0;owned��[2J��31m�b\tc\nd": ["a�]0;owned��[2J��31m�b\tc\nd", 1, null],
    });
  });
});
