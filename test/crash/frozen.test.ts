// A worker that freezes in the middle of a healing, is given up, and wakes when another worker has finished: it must
// do nothing any more. On PostgreSQL, since the embedded store has one process.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { emptyDatabase } from "../knowledge/open-test-store.ts";
import { describeWith } from "../services-available.ts";
import { startOpsmedic } from "./opsmedic-process.ts";
import { scenarios } from "./scenarios.ts";
import { openShop } from "./shop.ts";
import type { Site, Trouble } from "./site.ts";

/** Where waking up would do most harm: just before acting, between acting and saying so, and between two nodes. */
const moments: [Trouble, string][] = [
  ["asks-too-fast", "before step 1 is applying"],
  ["asks-too-fast", "after step 1 is applying"],
  ["asks-too-fast", "before step 1 is applied"],
  ["asks-too-fast", "after step 2 is applying"],
  ["asks-too-fast", "after apply"],
  ["asks-too-fast", "before validate"],
  ["asks-too-fast", "after validate"],
  ["asks-too-fast", "before learn"],
  ["asks-in-vain", "after step 1 is applying"],
  ["asks-in-vain", "after validate"],
  ["asks-in-vain", "after step 1 is undoing"],
  ["asks-in-vain", "before step 1 is undone"],
  ["asks-in-vain", "after step 1 is undone"],
];

const expectedOf = (trouble: Trouble) => scenarios.find((one) => one.trouble === trouble)!.expected;

describeWith("postgres", "a worker that froze past its lease", () => {
  it("goes on where nobody has taken over", { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "opsmedic-frozen-"));
    const site: Site = { folder, trouble: "asks-too-fast", url: await emptyDatabase(), leaseMs: 1_000 };
    const shop = openShop(site);
    try {
      await shop.reset();
      await using frozen = startOpsmedic();
      await frozen.freezeIn({ do: "heal", site, freezeAt: "after step 1 is applying" });
      await setTimeout(2 * site.leaseMs);
      const woken = await frozen.goOn();
      expect(woken).toMatchObject({ evidence: { runs: [{ status: "ended", outcome: "healed" }] } });
      expect(shop.world()).toEqual(expectedOf("asks-too-fast").world);
    } finally {
      await shop.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  for (const [trouble, moment] of moments) {
    it(`changes nothing when it wakes: ${trouble}, ${moment}`, { timeout: 120_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), "opsmedic-frozen-"));
      const site: Site = { folder, trouble, url: await emptyDatabase(), leaseMs: 1_000 };
      const shop = openShop(site);
      try {
        await shop.reset();
        await using frozen = startOpsmedic();
        await using other = startOpsmedic();
        await frozen.freezeIn({ do: "heal", site, freezeAt: moment });

        const { evidence } = await other.ask({ do: "recover", site });
        const world = shop.world();
        const woken = await frozen.goOn();

        expect(woken).toMatchObject({ did: "heal" });
        expect(shop.world()).toEqual(world);
        expect((await other.ask({ do: "recover", site })).evidence).toEqual(evidence);
        const expected = expectedOf(trouble);
        expect(world).toEqual(expected.world);
        expect(evidence.runs.map((one) => `${one.status} ${one.outcome}`)).toEqual(expected.runs);
      } finally {
        await shop.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
