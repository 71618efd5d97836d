// Incidents: one while it is open, a new one after it was closed.
import { expect, it } from "vitest";
import { describeOnEachDriver } from "./each-driver.ts";
import { finding } from "./sample-findings.ts";

describeOnEachDriver("Incidents", (open) => {
  it("open with the worst finding's severity and words", async () => {
    await using site = await open();
    const opened = await site.store.incidents.open(
      "shop",
      [finding("b", { severity: "warning" }), finding("a"), finding("a")],
      10,
    );
    expect(opened).toEqual({
      id: opened.id,
      service: "shop",
      status: "ACTIVE",
      severity: "CRITICAL",
      signatures: ["a", "b"],
      title: "shop shows a",
      type: "exited",
      beganAt: 1_000,
      strategy: null,
      occurrences: 1,
      openedAt: 10,
      lastSeenAt: 10,
      closedAt: null,
      cause: null,
      partOf: null,
    });
    expect(await site.store.incidents.get(opened.id)).toEqual(opened);
  });

  it("are joined by what shares a signature, and learn the new ones", async () => {
    await using site = await open();
    const { incidents } = site.store;
    const first = await incidents.open("shop", [finding("a", { severity: "info" })], 10);
    const joined = await incidents.open("shop", [finding("a"), finding("b", { severity: "warning" })], 20);
    expect(joined).toMatchObject({
      id: first.id,
      occurrences: 2,
      severity: "CRITICAL",
      lastSeenAt: 20,
      openedAt: 10,
    });
    expect(joined.signatures).toEqual(["a", "b"]);
    expect((await incidents.open("shop", [finding("b")], 15)).lastSeenAt).toBe(20);
    expect((await incidents.open("shop", [finding("c")], 30)).id).not.toBe(first.id);
    expect((await incidents.open("cart", [finding("a")], 30)).id).not.toBe(first.id);
  });

  it("stay apart when one finding is of each: the older takes it, and no signature is open twice", async () => {
    await using site = await open();
    const { incidents } = site.store;
    const older = await incidents.open("shop", [finding("a")], 10);
    const younger = await incidents.open("shop", [finding("b")], 20);
    const joined = await incidents.open("shop", [finding("b"), finding("a"), finding("c")], 30);
    expect(joined).toMatchObject({ id: older.id, signatures: ["a", "c"] });
    expect(await incidents.get(younger.id)).toMatchObject({ signatures: ["b"], occurrences: 1 });
  });

  it("do not become two when many see the same at once", async () => {
    await using site = await open();
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, n) => site.store.incidents.open("shop", [finding("a")], n)),
    );
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(all.map(({ occurrences }) => occurrences).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, n) => n + 1),
    );
    expect(await site.store.incidents.list({ limit: 10 })).toHaveLength(1);
  });

  it("that are closed are not joined; their number before tells how often it came", async () => {
    await using site = await open();
    const { incidents } = site.store;
    const first = await incidents.open("shop", [finding("a")], 10);
    await incidents.close(first.id, "RESOLVED", 11);
    const second = await incidents.open("shop", [finding("a")], 12);
    await incidents.close(second.id, "RESOLVED", 13);
    const third = await incidents.open("shop", [finding("a"), finding("b")], 12);
    expect(new Set([first.id, second.id, third.id]).size).toBe(3);
    expect(await incidents.occurrencesBefore("a", first.id)).toBe(0);
    expect(await incidents.occurrencesBefore("a", third.id)).toBe(2);
    expect(await incidents.occurrencesBefore("b", third.id)).toBe(0);
    expect(await incidents.occurrencesBefore("a", "unknown")).toBe(3);
  });

  it("close once; what was escalated can still be resolved", async () => {
    await using site = await open();
    const { incidents } = site.store;
    const { id } = await incidents.open("shop", [finding("a")], 10);
    await incidents.close(id, "ESCALATED", 20);
    await incidents.close(id, "RESOLVED", 30);
    expect(await incidents.get(id)).toMatchObject({ status: "RESOLVED", closedAt: 30 });
    await incidents.close(id, "ESCALATED", 40);
    expect(await incidents.get(id)).toMatchObject({ status: "RESOLVED", closedAt: 30, signatures: ["a"] });
    await expect(incidents.close("none", "RESOLVED", 1)).rejects.toMatchObject({ code: "not-found" });
  });

  it("that were handed to a person last until they are resolved: the same symptom joins them", async () => {
    await using site = await open();
    const { incidents } = site.store;
    const first = await incidents.open("shop", [finding("a")], 10);
    await incidents.close(first.id, "ESCALATED", 20);
    const again = await incidents.open("shop", [finding("a"), finding("b")], 30);
    expect(again).toMatchObject({ id: first.id, status: "ESCALATED", occurrences: 2, lastSeenAt: 30 });
    await incidents.close(first.id, "ESCALATED", 40);
    expect(await incidents.get(first.id)).toMatchObject({ closedAt: 40, signatures: ["a", "b"] });
    expect(await incidents.list({ open: true, limit: 9 })).toMatchObject([{ id: first.id }]);
    expect(await incidents.occurrencesBefore("a", first.id)).toBe(0);

    await incidents.close(first.id, "RESOLVED", 50);
    expect(await incidents.list({ open: true, limit: 9 })).toEqual([]);
    expect((await incidents.open("shop", [finding("a")], 60)).id).not.toBe(first.id);
  });

  it("take a strategy and are listed newest first by status and service", async () => {
    await using site = await open();
    const { incidents } = site.store;
    const a = await incidents.open("shop", [finding("a")], 10);
    const b = await incidents.open("cart", [finding("b")], 10);
    const c = await incidents.open("shop", [finding("c")], 20);
    await incidents.setStrategy(a.id, "PREVENTIVE");
    await incidents.close(b.id, "RESOLVED", 30);
    await expect(incidents.setStrategy("none", "PREVENTIVE")).rejects.toMatchObject({ code: "not-found" });
    const ids = async (options: Parameters<typeof incidents.list>[0]): Promise<string[]> =>
      (await incidents.list(options)).map(({ id }) => id);
    expect(await ids({ limit: 10 })).toEqual([c.id, b.id, a.id]);
    expect(await ids({ limit: 10, status: "ACTIVE" })).toEqual([c.id, a.id]);
    expect(await ids({ limit: 1, service: "shop" })).toEqual([c.id]);
    expect(await incidents.get(a.id)).toMatchObject({ strategy: "PREVENTIVE" });
  });

  it("of dependants are part of their cause's, whichever opened first", async () => {
    await using site = await open();
    const { incidents } = site.store;
    const early = await incidents.open("web", [finding("w")], 10);
    expect(await incidents.blame(early.id, "db", 15)).toMatchObject({ cause: "db", partOf: null });
    const db = await incidents.open("db", [finding("d", { summary: "db is gone" })], 20);
    const late = await incidents.open("worker", [finding("k")], 30);
    expect(await incidents.blame(late.id, "db", 15)).toMatchObject({
      cause: "db",
      partOf: { id: db.id, service: "db", title: "db is gone", status: "ACTIVE" },
    });
    const parts = await incidents.list({ partOf: db.id, limit: 9 });
    expect(parts.map(({ service }) => service)).toEqual(["worker", "web"]);
    expect(await incidents.blame(late.id, null, 15)).toMatchObject({ cause: null, partOf: null });
  });

  it("move together to the cause of their cause, and never in a circle", async () => {
    await using site = await open();
    const { incidents } = site.store;
    const web = await incidents.open("web", [finding("w")], 10);
    const api = await incidents.open("api", [finding("a")], 10);
    const db = await incidents.open("db", [finding("d")], 10);
    await incidents.blame(web.id, "api", 15);
    await incidents.blame(api.id, "db", 15);
    expect(await incidents.get(web.id)).toMatchObject({ cause: "api", partOf: { id: db.id } });
    expect(await incidents.blame(db.id, "web", 15)).toMatchObject({ cause: "web", partOf: null });
    await incidents.open("web", [finding("w")], 20);
    expect((await incidents.list({ partOf: db.id, limit: 9 })).map(({ service }) => service)).toEqual([
      "api",
      "web",
    ]);
    expect(await incidents.get(db.id)).toMatchObject({ partOf: null });
  });

  it("follow their cause from an incident that is over to its next one", async () => {
    await using site = await open();
    const { incidents } = site.store;
    const first = await incidents.open("db", [finding("d")], 10);
    const web = await incidents.open("web", [finding("w")], 11);
    await incidents.blame(web.id, "db", 15);
    await incidents.close(first.id, "ESCALATED", 12);
    expect(await incidents.blame(web.id, "db", 15)).toMatchObject({
      partOf: { id: first.id, status: "ESCALATED" },
    });
    expect(await incidents.open("db", [finding("d")], 13)).toMatchObject({ id: first.id });
    await incidents.close(first.id, "RESOLVED", 13);
    const second = await incidents.open("db", [finding("d")], 13);
    expect(await incidents.get(web.id)).toMatchObject({ partOf: { id: second.id } });
    await incidents.close(second.id, "RESOLVED", 14);
    expect(await incidents.blame(web.id, "db", 15)).toMatchObject({ cause: "db", partOf: null });
    expect(await incidents.blame(web.id, "db", 14)).toMatchObject({ partOf: { id: second.id } });
  });

  it("need a finding", async () => {
    await using site = await open();
    await expect(site.store.incidents.open("shop", [], 1)).rejects.toMatchObject({ code: "no-findings" });
    expect(await site.store.incidents.list({ limit: 1 })).toEqual([]);
  });
});
