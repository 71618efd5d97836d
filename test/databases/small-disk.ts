// A small disk for a database server, and what a test of it asks of opsmedic.
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { isSymptom } from "../../domain/finding.ts";
import { mountTmpfs } from "../../lab/small-file-system.ts";
import { openScenario, type Scenario } from "../scenarios/site.ts";

export const MB = 1024 * 1024;

export function smallDisk(size: string): { place: string; take: () => void } {
  const place = mkdtempSync(join(tmpdir(), "opsmedic-disk-"));
  const unmount = mountTmpfs(place, `size=${size},mode=755`);
  const take = (): void => {
    unmount();
    rmSync(place, { recursive: true, force: true });
  };
  return { place, take };
}

/** The share that is taken. */
export const taken = (place: string): number => {
  const { bavail, blocks } = statfsSync(place);
  return 1 - bavail / blocks;
};

export async function openSite(service: object): Promise<Scenario> {
  return openScenario({
    services: () => [{ name: "orders-db", ...service }],
    healing: { validate: { for: "1s" } },
  });
}

/** What is found after so many looks as the detectors need. */
export async function symptoms(site: Scenario): Promise<string[]> {
  for (let look = 0; look < 3; look += 1) await site.look("orders-db");
  const { findings } = await site.look("orders-db");
  return findings.filter(isSymptom).map((one) => one.summary);
}

/** Nothing was done, and a person was told this. */
export async function told(site: Scenario, words: RegExp): Promise<void> {
  const run = await site.heal("orders-db");
  const { noPlan, application } = await site.incident(run?.id);
  expect({ outcome: run?.outcome, application }).toEqual({ outcome: "escalated", application: null });
  expect(noPlan).toMatch(words);
}
