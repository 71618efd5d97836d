// The server's inner life as api/serve.ts starts it, without HTTP, on the embedded store. What it does by itself is
// told by its records.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { configFromObject } from "../../api/config.ts";
import { makeRunRequests } from "../../api/run-requests.ts";
import { startServer } from "../../api/server.ts";
import { systemIds, wire } from "../../api/wire.ts";
import type { FindingKind, Severity } from "../../domain/finding.ts";
import { systemClock } from "../../domain/system-clock.ts";
import type { RunRecord } from "../../knowledge/records.ts";
import { openTestStore } from "../knowledge/open-test-store.ts";
import { untilTrue } from "../scenarios/site.ts";

/** So rarely does it look by itself that what it finds sooner was announced by Docker. */
const SELDOM = "120s";

export interface ServerOptions {
  services?: object[];
  discoverLabel?: string | false;
}

export async function openServer({ services = [], discoverLabel = false }: ServerOptions) {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-containers-"));
  const config = configFromObject(
    {
      version: 1,
      dataDir: join(folder, ".opsmedic"),
      services,
      discover: { docker: discoverLabel === false ? false : { label: discoverLabel } },
      healing: { validate: { for: "2s" }, watch: SELDOM, every: "1h" },
    },
    { baseDir: folder, variables: {} },
  );
  const requests = makeRunRequests();
  const wired = await wire({
    config,
    logger: pino({ level: "silent" }),
    live: { publish: () => undefined, subscribe: () => () => undefined },
    requestRun: requests.request,
    baseEnv: { PATH: process.env["PATH"] ?? "" },
    opened: await openTestStore("pglite", { clock: systemClock as never, makeId: systemIds }),
    timing: { validateEveryMs: 100, graceMs: 1_000, leaseMs: 5_000, provenAfterMs: 200 },
  });
  const judged = new Map<string, number>();
  const judge: typeof wired.engine.judge = (service, signals) => {
    judged.set(service.name, (judged.get(service.name) ?? 0) + 1);
    return wired.engine.judge(service, signals);
  };
  const body = await startServer({ ...wired, engine: { ...wired.engine, judge } }, requests);
  const { store } = wired.opened;
  const runsOf = async (service: string): Promise<RunRecord[]> =>
    (await store.runs.list({ service, limit: 50 })).runs;

  return {
    ...wired,
    store,
    runsOf,
    /** Watch loop and first full sweep have both found it well: what is found now was announced. */
    async settled(service: string): Promise<void> {
      await untilTrue(
        `${service} is seen healthy twice`,
        () => (judged.get(service) ?? 0) >= 2 && wired.engine.seen.get(service)?.level === "healthy",
      );
    },
    async sees(service: string, level: "healthy" | "critical"): Promise<void> {
      await untilTrue(`${service} is seen ${level}`, () => wired.engine.seen.get(service)?.level === level);
    },
    /** The newest look stated this finding, with this severity. */
    async tells(service: string, kind: FindingKind, severity: Severity): Promise<void> {
      await untilTrue(`${service} is told ${kind}`, () =>
        (wired.engine.seen.get(service)?.findings ?? []).some(
          (one) => one.kind === kind && one.severity === severity,
        ),
      );
    },
    /** As POST /api/healing/check does; the run that began after this call. */
    async check(service: string): Promise<RunRecord> {
      const since = wired.clock.now();
      const fresh = (run: RunRecord | undefined) => run?.status === "ended" && run.startedAt >= since;
      return found(`a check of ${service} has ended`, async () => {
        const run = await wired.engine.runner.run({ service, trigger: "api", reason: "test" });
        return fresh(run) ? run : undefined;
      });
    },
    /** The first run that found something, when it has ended. */
    endedRun: (service: string): Promise<RunRecord> =>
      found(`a run of ${service} has ended`, async () =>
        (await runsOf(service)).findLast((one) => one.status === "ended" && one.outcome !== "healthy"),
      ),
    async [Symbol.asyncDispose]() {
      await body.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Polls with a deadline. */
async function found<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  let seen: T | undefined;
  await untilTrue(what, async () => (seen = await look()) !== undefined);
  return seen as T;
}
