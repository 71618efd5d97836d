// What every store of backups must do: give back exactly what was taken, take once, notice damage, forget what is old.
import { describe, expect, it } from "vitest";
import type { BackupRequest, Backups } from "../../tools/backup.ts";

export interface BackupsSite extends AsyncDisposable {
  /** A second one on the same store, as another process has it. */
  open(): Backups;
  /** Sets the clock that `open` was given. Unix ms. */
  setTime(at: number): void;
}

const noon = Date.UTC(2026, 10, 21, 12, 0, 5);
const day = 86_400_000;

export function requestWith(change: Partial<BackupRequest> = {}): BackupRequest {
  return {
    runId: "run-1",
    planId: "plan-1",
    service: "shop",
    reason: "before edit-setting",
    confidenceBp: 9_120,
    steps: [
      {
        step: 1,
        action: "edit-setting",
        service: "shop",
        captured: {
          state: null,
          files: [
            { path: "config/ä b.json", content: '\uFEFF{"a": "😀"}\r\n', mode: 0o640 },
            { path: 'config/"q"\\ü.json', content: "", mode: 0o600 },
            { path: ".env", content: null, mode: 0 },
          ],
        },
      },
      {
        step: 2,
        action: "restart",
        service: "shop",
        captured: { state: { status: "running", deep: [1, { b: null }] }, files: [] },
      },
    ],
    ...change,
  };
}

export function backupsContract(name: string, openSite: () => Promise<BackupsSite>): void {
  describe(`${name} as Backups`, () => {
    it("gives back what was taken, also to another process", async () => {
      await using site = await openSite();
      site.setTime(noon);
      const meta = await site.open().take(requestWith());
      expect(meta).toEqual({
        id: "backup_20261121_120005",
        at: noon,
        runId: "run-1",
        service: "shop",
        reason: "before edit-setting",
        confidenceBp: 9_120,
        files: ["config/ä b.json", 'config/"q"\\ü.json', ".env"],
      });
      const read = await site.open().read(meta.id);
      expect(read).toEqual({ meta, steps: requestWith().steps });
      expect(await site.open().verify(meta.id)).toEqual({ ok: true, problems: [] });
    });

    it("takes once for a run and plan, whatever the time", async () => {
      await using site = await openSite();
      site.setTime(noon);
      const first = await site.open().take(requestWith());
      site.setTime(noon + day);
      expect(await site.open().take(requestWith({ reason: "again" }))).toEqual(first);
      const other = await site.open().take(requestWith({ planId: "plan-2" }));
      expect(other.id).not.toBe(first.id);
      expect((await site.open().list()).map((meta) => meta.id)).toEqual([other.id, first.id]);
    });

    it("takes once also when two processes ask at the same moment, and none is lost", async () => {
      await using site = await openSite();
      site.setTime(noon);
      const plans = ["a", "b", "c", "a", "b", "c"];
      const metas = await Promise.all(plans.map((planId) => site.open().take(requestWith({ planId }))));
      const ids = metas.map((meta) => meta.id);
      expect(ids.slice(0, 3)).toEqual(ids.slice(3));
      expect(new Set(ids).size).toBe(3);
      expect((await site.open().list()).map((meta) => meta.id).sort()).toEqual(ids.slice(0, 3).sort());
      for (const id of ids) expect(id).toMatch(/^backup_20261121_120005(_\d)?$/);
    });

    it("keeps run and plan apart, however they are spelled", async () => {
      await using site = await openSite();
      const one = await site.open().take(requestWith({ runId: "a", planId: "b-c" }));
      const other = await site.open().take(requestWith({ runId: "a-b", planId: "c" }));
      expect(other.id).not.toBe(one.id);
    });

    it("says so when there is no such backup", async () => {
      await using site = await openSite();
      const gone = { code: "backup-not-found" };
      for (const id of ["backup_20200101_000000", "../../etc/passwd", "HEAD", ""]) {
        await expect(site.open().read(id)).rejects.toMatchObject(gone);
        await expect(site.open().verify(id)).rejects.toMatchObject(gone);
      }
      expect(await site.open().list()).toEqual([]);
    });

    it("refuses a path that no restore could use", async () => {
      await using site = await openSite();
      for (const path of ["../outside", "/etc/passwd", ".git/config", "a//b"]) {
        const captured = { state: null, files: [{ path, content: "x", mode: 0o644 }] };
        const steps = [{ step: 1, action: "edit-setting", service: "shop", captured }];
        await expect(site.open().take(requestWith({ steps }))).rejects.toMatchObject({
          code: "path-outside-root",
        });
      }
      expect(await site.open().list()).toEqual([]);
    });

    it("forgets what is older, and keeps the rest readable", async () => {
      await using site = await openSite();
      const ids: string[] = [];
      for (const age of [40, 20, 1]) {
        site.setTime(noon - age * day);
        ids.push((await site.open().take(requestWith({ planId: `plan-${age}` }))).id);
      }
      site.setTime(noon);
      expect(await site.open().prune(noon - 30 * day)).toEqual([ids[0]]);
      expect((await site.open().list()).map((meta) => meta.id)).toEqual([ids[2], ids[1]]);
      for (const id of ids.slice(1)) expect(await site.open().verify(id)).toMatchObject({ ok: true });
      expect(await site.open().prune(noon - 30 * day)).toEqual([]);
      // What was forgotten can be taken anew.
      expect((await site.open().take(requestWith({ planId: "plan-40" }))).at).toBe(noon);
    });

    it("keeps many and large files", async () => {
      await using site = await openSite();
      const files = Array.from({ length: 200 }, (_, n) => ({
        path: `config/${n % 7}/${n}.txt`,
        content: `${n}\n`.repeat(n === 0 ? 300_000 : n),
        mode: 0o644,
      }));
      const steps = [{ step: 1, action: "restore-files", service: "shop", captured: { state: null, files } }];
      const { id } = await site.open().take(requestWith({ steps }));
      expect((await site.open().read(id)).steps).toEqual(steps);
    });
  });
}
