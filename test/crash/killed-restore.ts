// Kills opsmedic at every boundary of a restore by hand. The run that took the backup has long ended: only the journal
// tells the next process what was half done.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { boundaryAt } from "./every-boundary.ts";
import { type OpsmedicProcess, startOpsmedic } from "./opsmedic-process.ts";
import type { Evidence } from "./orders.ts";
import { openShop } from "./shop.ts";
import { AFTER, BEFORE, type Site } from "./site.ts";

/** `store` makes an empty store in the folder and returns its URL; empty: the embedded one. */
export function survivesAKilledRestore(makeStore: (folder: string) => Promise<string>): void {
  it("whatever moment it is killed in, the next start finishes it or says that it never began", {
    timeout: 400_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "opsmedic-restore-"));
    const url = await makeStore(folder);
    const site: Site = { folder, trouble: "asks-too-fast", url, leaseMs: url === "" ? 15_000 : 1_000 };
    const shop = openShop(site);
    const worker: { now: OpsmedicProcess } = { now: startOpsmedic() };
    // As the healing left it.
    const healed = (): void => writeFileSync(join(folder, "shop", "config", "app.json"), AFTER);
    try {
      await shop.reset();
      await worker.now.ask({ do: "heal", site });
      expect(shop.world().file).toBe(AFTER);
      const { boundaries, evidence: undisturbed } = await worker.now.ask({ do: "restore", site });
      expect(shop.world().file).toBe(BEFORE);

      const begun = boundaries.indexOf("after step 2 is applying");
      const captured = boundaries.indexOf("after step 2 is captured");
      expect([captured, begun].every((one) => one > 0)).toBe(true);
      const known = new Set(undisturbed.journal.map((one) => one.planId));
      for (const [index, name] of boundaries.entries()) {
        healed();
        const killAt = boundaryAt(boundaries, index);
        expect(await worker.now.diesOf({ do: "restore", site, killAt })).toBe(true);
        worker.now = startOpsmedic();
        const { evidence } = await worker.now.ask({ do: "recover", site });
        const isLast = index === boundaries.length - 1;
        const told = index < captured || isLast ? [] : index < begun ? ["dropped"] : ["taken-up", "finished"];
        expect({ name, ...news(evidence, known), file: shop.world().file }).toEqual({
          name,
          told,
          halfDone: [],
          // As it was before anything began, or as in the backup: never in between.
          file: index < begun ? AFTER : BEFORE,
          states:
            index === 0 ? [] : index < captured ? ["intent"] : index < begun ? ["undone"] : ["verified"],
        });
        for (const { planId } of evidence.journal) known.add(planId);
      }
      expect(shop.world()).toMatchObject({ runs: true, starts: 2 });
    } finally {
      await worker.now[Symbol.asyncDispose]();
      await shop.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** Of the plans that were not known before: the restore that was killed. */
function news({ journal, halfDone, audit }: Evidence, known: ReadonlySet<string>) {
  const fresh = journal.filter((one) => !known.has(one.planId));
  const told = audit.filter((one) => fresh.some(({ planId }) => planId === one.detail["planId"]));
  return {
    told: told.map((one) => one.action.replace("backup.restore.", "")),
    halfDone,
    states: [...new Set(fresh.map((one) => one.state))],
  };
}
