// Known good, over real files and a real git store: what proves files to be good, and what is told of a change.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeKnownGood } from "../../agents/known-good.ts";
import type { StateSignal } from "../../domain/signal.ts";
import { makeGitFileHistory } from "../../tools/git-file-history.ts";
import { makeGuardedFiles } from "../../tools/guarded-files.ts";
import { makeTestClock } from "../knowledge/open-test-store.ts";
import { serviceNamed } from "../observation/service.ts";

const PROVEN_AFTER_MS = 30_000;

function open() {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-known-good-"));
  const root = join(folder, "shop");
  mkdirSync(root);
  const clock = makeTestClock();
  const history = makeGitFileHistory({ folder: join(folder, "store"), clock });
  const files = { root, editable: ["*.json"], afterEdit: "restart" as const };
  const shop = serviceNamed("shop", { files });
  const guarded = makeGuardedFiles(files);
  const parts = { history, filesOf: () => guarded, clock, provenAfterMs: PROVEN_AFTER_MS };
  const knownGood = makeKnownGood(parts);
  /** Written so long before now, by the test's clock. */
  const write = (name: string, content: string, ago = 0): void => {
    const path = join(root, name);
    writeFileSync(path, content);
    chmodSync(path, 0o644);
    utimesSync(path, (clock.now() - ago) / 1_000, (clock.now() - ago) / 1_000);
  };
  const startedAgo = (ago: number): StateSignal => ({
    kind: "state",
    service: "shop",
    at: clock.now(),
    status: "running",
    health: "none",
    instance: "1",
    oomKilled: false,
    startedAt: clock.now() - ago,
    restartCount: 0,
    stoppedByOperator: false,
    replicas: 1,
  });
  return {
    clock,
    history,
    shop,
    knownGood,
    write,
    remove: (name: string) => rmSync(join(root, name)),
    startedAgo,
    /** Another process over the same store. */
    another: () => makeKnownGood(parts),
    /** Seen well, without a break, until it is proved; the instance was started after the files were written. */
    async proveWell(): Promise<void> {
      await knownGood.noteHealthy(shop, startedAgo(0));
      clock.advance(PROVEN_AFTER_MS);
      await knownGood.noteHealthy(shop, startedAgo(PROVEN_AFTER_MS));
    },
    changed: async () => (await knownGood.changes(shop)).map(({ path, summary }) => `${path}: ${summary}`),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

describe("known good", () => {
  it("knows nothing before a service was well for long enough", async () => {
    using site = open();
    site.write("app.json", "{}\n", 1_000);
    await site.knownGood.noteHealthy(site.shop, site.startedAgo(0));
    site.clock.advance(PROVEN_AFTER_MS - 1);
    await site.knownGood.noteHealthy(site.shop, site.startedAgo(PROVEN_AFTER_MS - 1));
    expect(await site.history.lastGood("shop")).toBeUndefined();
    site.write("app.json", "broken", 0);
    expect(await site.changed()).toEqual([]);
  });

  it("tells each file that was changed, added or removed since, and which version was good", async () => {
    using site = open();
    site.write("app.json", "one\ntwo\n", 1_000);
    site.write("old.json", "1\n", 1_000);
    site.write("notes.txt", "not editable\n", 1_000);
    await site.proveWell();
    expect(await site.changed()).toEqual([]);

    site.write("app.json", "one\nthree\nfour\n", 0);
    site.write("new.json", "2\n", 0);
    site.write("notes.txt", "nobody's business\n", 0);
    site.remove("old.json");
    expect((await site.changed()).toSorted()).toEqual([
      "app.json: 2 lines added, 1 removed",
      "new.json: new file",
      "old.json: file removed",
    ]);
    const [change] = await site.knownGood.changes(site.shop);
    expect(change).toMatchObject({
      kind: "change",
      service: "shop",
      goodVersion: (await site.history.lastGood("shop"))?.version,
    });
  });

  it("begins to count anew after the service was sick", async () => {
    using site = open();
    site.write("app.json", "{}\n", 1_000);
    await site.knownGood.noteHealthy(site.shop, site.startedAgo(0));
    site.clock.advance(PROVEN_AFTER_MS - 1);
    site.knownGood.noteSick(site.shop);
    site.clock.advance(1);
    await site.knownGood.noteHealthy(site.shop, site.startedAgo(PROVEN_AFTER_MS));
    expect(await site.history.lastGood("shop")).toBeUndefined();
    await site.proveWell();
    expect(await site.history.lastGood("shop")).toBeDefined();
  });

  it("does not take files for good that the running instance has never read", async () => {
    using site = open();
    site.write("app.json", "good\n", 1_000);
    await site.proveWell();
    site.write("app.json", "never read\n", 0);
    site.clock.advance(10 * PROVEN_AFTER_MS);
    // Well all the time, but started before the file was written; and one whose start is not known proves nothing.
    await site.knownGood.noteHealthy(site.shop, site.startedAgo(20 * PROVEN_AFTER_MS));
    await site.knownGood.noteHealthy(site.shop, undefined);
    expect(await site.changed()).toEqual(["app.json: 1 lines added, 1 removed"]);
    // Restarted with it, and well: now it is the good one.
    await site.knownGood.noteHealthy(site.shop, site.startedAgo(1_000));
    expect(await site.changed()).toEqual([]);
    expect((await site.history.lastGood("shop"))?.files).toMatchObject([{ content: "never read\n" }]);
  });

  it("sees within half a minute what another process has kept", async () => {
    using site = open();
    site.write("app.json", "one\n", 1_000);
    await site.proveWell();
    expect(await site.changed()).toEqual([]);
    site.write("app.json", "two\n", 0);
    const other = site.another();
    await other.noteHealthy(site.shop, site.startedAgo(0));
    site.clock.advance(PROVEN_AFTER_MS);
    await other.noteHealthy(site.shop, site.startedAgo(PROVEN_AFTER_MS));
    expect(await site.changed()).toEqual([]);
  });
});
