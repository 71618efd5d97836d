// What a person is told of an incident: once, by whichever server; again when something of substance has changed, at
// growing intervals while it lasts, and when it is over.
import pino from "pino";
import { expect, it } from "vitest";
import { makeLiveEvents } from "../../api/live-events.ts";
import { makeTelling } from "../../api/telling.ts";
import type { Finding } from "../../domain/finding.ts";
import type { Incident } from "../../domain/incident.ts";
import { makeStore } from "../../knowledge/store.ts";
import { describeOnEachDriver } from "../knowledge/each-driver.ts";
import type { TestStore } from "../knowledge/open-test-store.ts";
import { finding } from "../knowledge/sample-findings.ts";
import { fullIncident } from "./full-incident.ts";

const MINUTE = 60_000;

/** One of several servers: it shares the store, and nothing else. */
function serverOn({ db, clock, makeId }: TestStore) {
  const said: string[] = [];
  const heard: unknown[] = [];
  const live = makeLiveEvents();
  live.subscribe(({ topic, data }) => {
    if (topic === "incident") heard.push(data["type"]);
  });
  const telling = makeTelling({
    live,
    logger: pino(
      { level: "warn" },
      {
        write: (line: string) => {
          const { msg, what } = JSON.parse(line) as { msg: string; what?: string | string[] };
          said.push([msg, what ?? []].flat().join(" | "));
        },
      },
    ),
    clock,
    store: makeStore(db, { clock, makeId }),
    reminders: { firstMs: 60 * MINUTE, longestMs: 240 * MINUTE },
  });
  return { ...telling, said, heard };
}

async function openRun({ store, clock }: TestStore, findings: Finding[], more: Partial<Incident> = {}) {
  const { id } = await store.incidents.open("shop", findings, clock.now());
  await store.incidents.close(id, "ESCALATED", clock.now());
  const none = { plan: null, verdict: null, approval: null, diagnosis: null, attempts: [] };
  return fullIncident("run-1", {
    incidentId: id,
    findings,
    ...none,
    noPlan: "There is no fix for it.",
    ...more,
  });
}

const first = fullIncident("run-1");
const [gone] = first.diagnosis?.hypotheses ?? [];
if (!gone || !first.diagnosis || !first.plan || !first.verdict) throw new Error("a full incident is full");
const diagnosed = (scoreBp: number, playbook: string) => ({
  diagnosis: {
    service: "shop",
    at: 0,
    explanation: "",
    hypotheses: [{ ...gone, scoreBp, playbook, cause: `It is ${playbook}.` }],
  },
});
const { plan, verdict } = first;
const question = { plan, noPlan: null, verdict: { ...verdict, decision: "ask" as const } };

describeOnEachDriver("What a person is told", (open) => {
  it("is told once of what lasts, by whichever server, and reminded ever more seldom", async () => {
    await using store = await open();
    const [one, other] = [serverOn(store), serverOn(store)];
    const run = await openRun(store, [finding("a", { severity: "warning" })]);
    await one.human(run);
    expect(one.said).toEqual(["a human is needed | Seen: shop shows a | There is no fix for it."]);
    store.clock.advance(59 * MINUTE);
    await other.human(run);
    await one.human(run);
    expect(other.said).toEqual([]);

    const reminded: number[] = [];
    for (let minutes = 60; minutes <= 24 * 60; minutes += 20) {
      store.clock.advance(minutes === 60 ? MINUTE : 20 * MINUTE);
      await other.human(run);
      if (other.said.length > reminded.length) reminded.push(minutes / 60);
    }
    expect(reminded).toEqual([1, 3, 7, 11, 15, 19, 23]);
    expect(new Set(other.said.map((line) => line.split(" | ")[0]))).toEqual(
      new Set(["a human is still needed"]),
    );
    expect(one.heard).toEqual(["escalated"]);
    expect(new Set(other.heard)).toEqual(new Set(["reminder"]));
  });

  it("is told when it gets worse, when a cause is known, and when a fix is asked for, tried or failed; not when a guess wavers", async () => {
    await using store = await open();
    const server = serverOn(store);
    const mild = [finding("a", { severity: "warning" })];
    const worse = [finding("a", { summary: "shop is gone" })];
    const told = async (findings: Finding[], more: Partial<Incident> = {}) => {
      server.said.length = 0;
      await server.human(await openRun(store, findings, more));
      return server.said.join();
    };
    expect(await told(mild, diagnosed(4_500, "leak"))).toContain("Perhaps: It is leak. (45.00 %)");
    expect(await told(mild, diagnosed(5_000, "flood"))).toBe("");
    expect(await told(worse, diagnosed(5_000, "flood"))).toBe(
      "a human is needed: something has changed | Seen: shop is gone",
    );
    expect(await told(mild)).toBe("");
    expect(await told(worse, diagnosed(8_000, "flood"))).toContain("| Cause: It is flood. (80.00 %)");
    expect(await told(worse, diagnosed(5_000, "leak"))).toBe("");

    const asking = await openRun(store, worse, question);
    const approval = await approvalOf(store, asking);
    server.said.length = 0;
    await server.asked(approval, asking);
    expect(server.said).toEqual(["a fix waits for approval"]);
    await server.asked({ ...approval, id: "apr-2" }, asking);
    expect(server.said).toEqual(["a fix waits for approval"]);
    const expired = { decision: "expired" as const, planHash: "abc", by: "opsmedic", reason: "" };
    expect(await told(worse, { ...question, approval: expired })).toContain("Nobody answered in time: Raise");
    expect(await told(worse, { ...question, approval: expired })).toBe("");
    const attempt = {
      plan,
      validation: first.validation,
      rollback: { outcome: "undone" as const, steps: [] },
      at: 1,
    };
    expect(await told(worse, { attempts: [attempt] })).toContain(
      "Tried: Raise the limit; it did not help, and was taken back",
    );
    expect(await told(worse, { attempts: [attempt] })).toBe("");
    const stuck = { ...attempt, rollback: { outcome: "failed" as const, steps: [] } };
    expect(await told(worse, { attempts: [stuck] })).toContain("COULD NOT BE TAKEN BACK");
  });

  it("is not reminded of what somebody has in hand, and told its end once, however it came", async () => {
    await using store = await open();
    const [one, other] = [serverOn(store), serverOn(store)];
    const run = await openRun(store, [finding("a")]);
    await one.human(run);
    const incidentId = run.incidentId ?? "";
    const note = { incidentId, author: "alice", text: "the provider is on it" };
    await store.store.notes.add({ ...note, kind: "acknowledge" });
    store.clock.advance(300 * MINUTE);
    await other.human(run);
    await other.over();
    expect(other.said).toEqual([]);

    await store.store.notes.add({ ...note, kind: "resolve", text: "they are back" });
    await store.store.incidents.close(incidentId, "RESOLVED", store.clock.now());
    await other.over();
    await one.over();
    expect(other.said).toEqual(["no human is needed any more | resolved by alice: they are back"]);
    expect(one.said).toHaveLength(1);
    expect([one.heard, other.heard]).toEqual([["escalated"], ["resolved"]]);

    const again = await openRun(store, [finding("a")]);
    await other.human(again);
    expect(other.said.at(-1), "it came back: another incident").toMatch(/^a human is needed \|/);
  });

  it("hears of a dependant as news of the outage that it is part of", async () => {
    await using store = await open();
    const server = serverOn(store);
    const run = await openRun(store, [finding("a")]);
    await server.human(run);
    const web = await store.store.incidents.open("web", [finding("w")], store.clock.now());
    await store.store.incidents.blame(web.id, "shop", store.clock.now() - 1);
    const part = {
      ...run,
      service: "web",
      incidentId: web.id,
      findings: [finding("w", { summary: "web is slow" })],
    };
    await server.human(part);
    await server.human(part);
    expect(server.said.slice(1)).toEqual([
      "a human is needed: something has changed | Also hit: web is slow",
    ]);
  });

  it("hears of a run that broke before it knew what is wrong, once an hour", async () => {
    await using store = await open();
    const server = serverOn(store);
    const blind = fullIncident("run-1", {
      incidentId: null,
      findings: [],
      diagnosis: null,
      plan: null,
      verdict: null,
      approval: null,
      attempts: [],
      failure: { node: "observe", message: "Nothing could be seen of shop" },
    });
    await server.human(blind);
    await server.human(blind);
    expect(server.said).toEqual([
      "a human is needed | The run broke in observe: Nothing could be seen of shop",
    ]);
    store.clock.advance(60 * MINUTE);
    await server.human(blind);
    expect(server.said).toHaveLength(2);
  });
});

async function approvalOf({ store, clock }: TestStore, incident: Incident) {
  await store.runs.start({ id: incident.runId, service: "shop", trigger: "watch", reason: "" });
  return store.approvals.request({
    id: "apr-1",
    runId: incident.runId,
    service: "shop",
    planHash: "abc",
    summary: "Raise the limit (shop)",
    scoreBp: 7_935,
    risk: "low",
    expiresAt: clock.now() + 30 * MINUTE,
  });
}
