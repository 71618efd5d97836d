// Kills opsmedic at every boundary of a healing, each time on the same store, and looks at the world after the next
// process has taken up what was left. Each process first finishes what the killed one before it left, and is killed
// itself at the next boundary: so every recovery is a new process's, and the store outlives all of them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect, it } from "vitest";
import { type OpsmedicProcess, startOpsmedic } from "./opsmedic-process.ts";
import type { Boundary, Evidence } from "./orders.ts";
import { openShop, type Shop } from "./shop.ts";
import type { Site, Trouble } from "./site.ts";

const MOST_ATTEMPTS = 10;

export interface Expected {
  world: { file: string; starts: number; runs: boolean };
  /** Status and outcome, newest first. */
  runs: string[];
  /** The journal's states at the end, by step. */
  journal: string[];
  incident: string;
  cases: object[];
}

export interface Scenario {
  trouble: Trouble;
  expected: Expected;
  /** Boundaries before the first one that matches are passed. */
  from?: RegExp;
}

/** `store` makes an empty store in the folder and returns its URL; empty: the embedded one. */
export function survivesEveryBoundary(
  { trouble, expected, from = /./ }: Scenario,
  makeStore: (folder: string) => Promise<string>,
): void {
  it(`whatever moment it is killed in: ${trouble}`, { timeout: 600_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "opsmedic-crash-"));
    const url = await makeStore(folder);
    // On a server the killed one's lease is waited for; a start of the embedded store frees it.
    const site: Site = { folder, trouble, url, leaseMs: url === "" ? 15_000 : 1_000 };
    const shop = openShop(site);
    let worker: OpsmedicProcess | undefined;
    let next: OpsmedicProcess | undefined;
    try {
      const names = await undisturbed(site, shop, expected);
      const first = names.findIndex((name) => from.test(name));
      const broken: string[] = [];
      worker = startOpsmedic();
      for (let index = first; index < names.length; index += 1) {
        // Comes up meanwhile: nothing of the site is known to it, and the store is not open, before its first order.
        next = startOpsmedic();
        await killedAt(worker, site, shop, boundaryAt(names, index));
        worker = next;
        const { evidence } = await worker.ask({ do: "recover", site });
        const problem = problemOf({ ...evidence, world: shop.world() }, expected);
        if (problem !== undefined) broken.push(`killed ${names[index]}: ${problem}`);
      }
      expect(broken.join("\n")).toBe("");
    } finally {
      await worker?.[Symbol.asyncDispose]();
      await next?.[Symbol.asyncDispose]();
      await shop.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** What the killings are compared with; names all boundaries. */
async function undisturbed(site: Site, shop: Shop, expected: Expected): Promise<string[]> {
  await using worker = startOpsmedic();
  await shop.reset();
  const { evidence, boundaries } = await worker.ask({ do: "heal", site });
  expect(problemOf({ ...evidence, world: shop.world() }, expected)).toBeUndefined();
  return boundaries;
}

export function boundaryAt(names: readonly string[], index: number): Boundary {
  const name = names[index] ?? "";
  return { name, nth: names.slice(0, index + 1).filter((one) => one === name).length };
}

/**
 * Whether the symptom shows once more after a repair was taken back is a matter of moments, and with it some of the
 * nodes on the way to a person: one that passes the boundary by is asked again.
 */
async function killedAt(worker: OpsmedicProcess, site: Site, shop: Shop, killAt: Boundary): Promise<void> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    await shop.reset();
    await worker.forget({ do: "forget", site });
    if (await worker.diesOf({ do: "heal", site, killAt })) return;
  }
  throw new Error(`in ${MOST_ATTEMPTS} runs it never came to be ${killAt.name} (${killAt.nth})`);
}

/** undefined: everything is as it must be. */
function problemOf(seen: Evidence & { world: Expected["world"] }, expected: Expected): string | undefined {
  const summary = {
    world: seen.world,
    runs: seen.runs.map((one) => `${one.status} ${one.outcome}`),
    journal: seen.journal.map((one) => one.state),
    halfDone: seen.halfDone.length,
    badBackups: seen.backups.flatMap((one) => one.problems),
    incidents: seen.incidents.map((one) => one.status),
    cases: seen.cases.map(({ fix, outcome, undone }) => ({ fix, outcome, undone })),
  };
  const wanted = {
    world: expected.world,
    runs: expected.runs,
    journal: expected.journal,
    halfDone: 0,
    badBackups: [],
    incidents: [expected.incident],
    cases: expected.cases,
  };
  if (seen.backups.length > 0 && isDeepStrictEqual(summary, wanted)) return undefined;
  return `${JSON.stringify(summary)} ${seen.runs.map((one) => one.report).join(" / ")}`;
}
