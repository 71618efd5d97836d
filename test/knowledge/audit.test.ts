// The audit log: appended in order by many, and every way of tampering with it shows.
import { expect, it } from "vitest";
import type { JsonObject } from "../../domain/json.ts";
import { hashOf } from "../../knowledge/audit.ts";
import { describeOnEachDriver } from "./each-driver.ts";
import type { TestStore } from "./open-test-store.ts";

async function fill(site: TestStore, count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) await append(site, `target-${n}`);
}

async function append(site: TestStore, target: string, detail: JsonObject = {}): Promise<void> {
  await site.store.audit.append({ actor: "ana", door: "api", action: "pause", target, detail });
}

/** What somebody does who has the database but not our code. */
async function tamper(site: TestStore, sql: string): Promise<void> {
  await site.db.query(
    `set session_replication_role = replica; ${sql}; set session_replication_role = origin`,
  );
}

describeOnEachDriver("The audit log", (open) => {
  it("chains each entry to the one before", async () => {
    await using site = await open();
    await fill(site, 3);
    const entries = await site.store.audit.list({ limit: 10 });
    expect(entries.map(({ seq, target }) => [seq, target])).toEqual([
      [3, "target-3"],
      [2, "target-2"],
      [1, "target-1"],
    ]);
    const [third, second, first] = entries;
    if (first === undefined || second === undefined || third === undefined) throw new Error("no entries");
    expect(first.hash).toBe(hashOf("0".repeat(64), first));
    expect(second.hash).toBe(hashOf(first.hash, second));
    expect(third.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await site.store.audit.list({ limit: 1, before: 3 })).toEqual([second]);
    expect(await site.store.audit.verify()).toEqual({ ok: true, entries: 3, brokenAt: null, problem: null });
  });

  it("is whole while it is empty", async () => {
    await using site = await open();
    expect(await site.store.audit.verify()).toMatchObject({ ok: true, entries: 0 });
  });

  it("stays one chain when many append at once, across pages of verifying", async () => {
    await using site = await open();
    await Promise.all(Array.from({ length: 30 }, (_, n) => append(site, `t-${n}`)));
    await site.db.transaction(async (tx) => {
      await tx.query("select 1");
    });
    const during = Promise.all([
      site.store.audit.verify(),
      ...Array.from({ length: 5 }, (_, n) => append(site, `u-${n}`)),
    ]);
    expect((await during)[0]).toMatchObject({ ok: true });
    expect(await site.store.audit.verify()).toMatchObject({ ok: true, entries: 35 });
  });

  it("verifies whatever detail was recorded", async () => {
    await using site = await open();
    await append(site, "nul \0 half \ud800", {
      z: [1e21, 1.5e-9, -0, 0.1, Number.MAX_SAFE_INTEGER],
      a: { "key\0": "\0", "": null, ü: "👩‍🚒" },
      "10": 1,
      "9": 2,
    });
    expect(await site.store.audit.verify()).toMatchObject({ ok: true, entries: 1 });
  });

  it("cannot be changed or removed by its own writers", async () => {
    await using site = await open();
    await fill(site, 1);
    for (const sql of [
      "update opsmedic.audit set actor = 'bob'",
      "delete from opsmedic.audit",
      "truncate opsmedic.audit",
    ]) {
      await expect(site.db.query(sql)).rejects.toMatchObject({ code: "23001" });
    }
    expect(await site.store.audit.verify()).toMatchObject({ ok: true, entries: 1 });
  });

  const damages: [string, string, number][] = [
    ["a changed actor", "update opsmedic.audit set actor = 'bob' where seq = 3", 3],
    ["a changed detail", `update opsmedic.audit set detail = '{"x": 1}' where seq = 5`, 5],
    ["a changed time", "update opsmedic.audit set at = at + 1 where seq = 1", 1],
    ["a removed entry", "delete from opsmedic.audit where seq = 3", 3],
    ["a removed first entry", "delete from opsmedic.audit where seq = 1", 1],
    ["removed last entries", "delete from opsmedic.audit where seq >= 4", 4],
    [
      "a removed entry with the rest renumbered",
      "delete from opsmedic.audit where seq = 2; update opsmedic.audit set seq = seq - 1 where seq > 2",
      2,
    ],
    [
      "reordered entries",
      "update opsmedic.audit set seq = 99 where seq = 2; update opsmedic.audit set seq = 2 where seq = 3; update opsmedic.audit set seq = 3 where seq = 99",
      2,
    ],
    [
      "a forged entry at the end",
      "insert into opsmedic.audit select 6, at, actor, door, action, 'forged', detail, hash from opsmedic.audit where seq = 5",
      6,
    ],
    ["a changed hash", "update opsmedic.audit set hash = repeat('a', 64) where seq = 5", 5],
    ["everything gone", "delete from opsmedic.audit", 1],
  ];
  for (const [what, sql, brokenAt] of damages) {
    it(`finds ${what}`, async () => {
      await using site = await open();
      await fill(site, 5);
      await tamper(site, sql);
      const verified = await site.store.audit.verify();
      expect(verified).toMatchObject({ ok: false, brokenAt });
      expect(verified.problem).toMatch(new RegExp(String(brokenAt)));
    });
  }
});
