// A log file that opsmedic may not read, from the file on disk to the finding and back.
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeErrorDetector } from "../../agents/error-detector.ts";
import { makeHealthMonitor } from "../../agents/health-monitor.ts";
import { makeLogFollower } from "../../agents/log-follower.ts";
import type { Finding } from "../../domain/finding.ts";
import { only } from "../../domain/signal.ts";
import { makeProber } from "../../tools/prober.ts";
import { thresholds } from "../detection/view.ts";
import { serviceNamed, wallClock } from "./service.ts";

const NOBODY = 65_534;
const patience = { timeout: 20_000, interval: 50 };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "opsmedic-unreadable-"));
  chmodSync(folder, 0o755);
});
afterEach(() => {
  beMyself();
  rmSync(folder, { recursive: true, force: true });
});

/** Root may read everything: then somebody who may not looks. */
function beSomebody(): void {
  if (process.getuid?.() === 0) process.seteuid?.(NOBODY);
}
function beMyself(): void {
  if (process.getuid?.() === 0) process.seteuid?.(0);
}

it("is told with what was tried and what would help, until it may be read", async () => {
  let ahead = 0;
  const clock = { ...wallClock, now: () => Date.now() + ahead };
  const file = path.join(folder, "app.log");
  const shop = serviceNamed("shop", { logs: [{ kind: "file", glob: file }] });
  const monitor = makeHealthMonitor({
    targets: { of: () => undefined },
    prober: makeProber({ clock }),
    host: { use: async () => ({ cpu: 0.1, memory: 0.1, disks: [] }) },
    clock,
  });
  const follower = makeLogFollower({
    targets: { of: () => undefined },
    clock,
    onSignal: monitor.note,
    onSource: (status) => monitor.noteSource({ ...status, source: `log ${status.source}` }),
  });
  const detect = makeErrorDetector({ thresholds: () => thresholds, clock });
  const look = async (): Promise<Finding[]> =>
    detect({ service: shop, signals: await monitor.observe(shop), dependencies: [] });
  writeFileSync(file, "ERROR nobody has seen this\n", { mode: 0o000 });
  const stop = new AbortController();
  beSomebody();
  const following = follower.follow(shop, stop.signal);

  await expect.poll(() => only(monitor.window("shop"), "source"), patience).toHaveLength(1);
  expect(await look()).toEqual([]);
  ahead = 60_000;
  const [finding] = await look();
  expect(finding).toMatchObject({ kind: "source-down", service: "shop", severity: "warning" });
  expect(finding?.summary).toContain(`log ${file} (EACCES: permission denied`);
  expect(finding?.summary).toContain("Let the user that runs opsmedic read it");
  // However long it lasts: it does not fall out of what is remembered.
  ahead = 3_600_000;
  expect(await look()).toMatchObject([{ kind: "source-down", since: finding?.since }]);

  beMyself();
  chmodSync(file, 0o644);
  await expect.poll(look, patience).toEqual([]);
  appendFileSync(file, "ERROR somebody sees this\n");
  const lines = () => only(monitor.window("shop"), "log").map((one) => one.text);
  await expect.poll(lines, patience).toContain("ERROR somebody sees this");
  stop.abort();
  await following;
});
