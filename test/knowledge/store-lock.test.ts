// The lock on the embedded folder, with real processes.
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { setImmediate } from "node:timers/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ownIdentity } from "../../knowledge/process-identity.ts";
import { lockStore } from "../../knowledge/store-lock.ts";
import { startChild } from "./child.ts";

function makeFolder(): { folder: string; path: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-lock-"));
  return {
    folder,
    path: join(folder, "store.lock"),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const locked = { name: "HealError", code: "store-locked", retryable: true };

describe("The lock of the embedded store", () => {
  it("is held by one, and free after release", async () => {
    using site = makeFolder();
    const lock = await lockStore(site.path);
    await expect(lockStore(site.path)).rejects.toMatchObject(locked);
    await lock.release();
    await lock.release();
    expect(readdirSync(site.folder)).toEqual([]);
    await (await lockStore(site.path)).release();
  });

  it("names the process that holds it and says how the command line goes on", async () => {
    using site = makeFolder();
    await using child = startChild("lock", site.path);
    expect(await child.first).toBe("ready");
    await expect(lockStore(site.path)).rejects.toMatchObject({
      ...locked,
      message: expect.stringContaining(`process ${child.pid}`),
      hint: expect.stringContaining("talks to a running server"),
    });
  });

  it("is taken over when its holder was killed", async () => {
    using site = makeFolder();
    await using child = startChild("lock", site.path);
    expect(await child.first).toBe("ready");
    await child.kill();
    const lock = await lockStore(site.path);
    expect(readFileSync(site.path, "utf8")).toContain(`"pid":${process.pid}`);
    await lock.release();
    expect(readdirSync(site.folder)).toEqual([]);
  });

  it("goes to one of many that find a dead holder's lock at once", async () => {
    using site = makeFolder();
    await using dead = startChild("lock", site.path);
    expect(await dead.first).toBe("ready");
    await dead.kill();
    const children = Array.from({ length: 5 }, () => startChild("lock", site.path));
    try {
      const own = await Promise.allSettled(Array.from({ length: 20 }, () => lockStore(site.path)));
      const said = await Promise.all(children.map(({ first }) => first));
      const won = own.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      const ready = said.filter((line) => line === "ready");
      expect(won.length + ready.length).toBe(1);
      expect(said.filter((line) => line.startsWith("refused store-locked"))).toHaveLength(5 - ready.length);
      await won[0]?.release();
    } finally {
      await Promise.all(children.map((child) => child.kill()));
    }
  });

  it("goes to one of those who come one after the other while it is taken over", async () => {
    using site = makeFolder();
    for (let round = 0; round < 60; round += 1) {
      const dead = { ...ownIdentity(), startTime: "1", token: "ffffffffffff" };
      writeFileSync(site.path, JSON.stringify(dead));
      const tries = await Promise.allSettled(
        Array.from({ length: 12 }, async (_, n) => {
          for (let turn = 0; turn < n; turn += 1) await setImmediate();
          return lockStore(site.path);
        }),
      );
      const won = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      expect(won).toHaveLength(1);
      await won[0]?.release();
      expect(readdirSync(site.folder)).toEqual([]);
    }
  });

  it("does not mistake another process that got the same pid for the holder", async () => {
    using site = makeFolder();
    const holder = { ...ownIdentity(), startTime: "1", token: "aaaaaaaaaaaa" };
    writeFileSync(site.path, JSON.stringify(holder));
    await (await lockStore(site.path)).release();
  });

  it("waits for a holder in another container until that has been silent for half a minute", async () => {
    using site = makeFolder();
    const holder = { ...ownIdentity(), scope: "another boot/pid:[1]", token: "bbbbbbbbbbbb" };
    writeFileSync(site.path, JSON.stringify(holder));
    await expect(lockStore(site.path)).rejects.toMatchObject({
      ...locked,
      message: expect.stringContaining("another container or machine"),
    });
    const silent = new Date(Date.now() - 31_000);
    utimesSync(site.path, silent, silent);
    await (await lockStore(site.path)).release();
  });

  it("takes over a lock file that names nobody", async () => {
    using site = makeFolder();
    writeFileSync(site.path, "");
    const lock = await lockStore(site.path);
    await expect(lockStore(site.path)).rejects.toMatchObject(locked);
    await lock.release();
  });

  it("finishes a takeover that was itself killed half-way", async () => {
    using site = makeFolder();
    const dead = { ...ownIdentity(), startTime: "1", token: "cccccccccccc" };
    writeFileSync(site.path, JSON.stringify(dead));
    writeFileSync(`${site.path}.cccccccccccc.takeover`, JSON.stringify({ ...dead, token: "dddddddddddd" }));
    const lock = await lockStore(site.path);
    await lock.release();
    expect(readdirSync(site.folder)).toEqual([]);
  });

  it("leaves alone a lock that somebody else has taken meanwhile", async () => {
    using site = makeFolder();
    const lock = await lockStore(site.path);
    const other = JSON.stringify({ ...ownIdentity(), token: "eeeeeeeeeeee" });
    writeFileSync(site.path, other);
    await lock.release();
    expect(readFileSync(site.path, "utf8")).toBe(other);
  });
});
