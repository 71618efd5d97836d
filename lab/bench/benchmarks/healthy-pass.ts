// One pass over a service that is well: what a job costs that comes when the trouble is gone already.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { allVariables, configFromObject } from "../../../api/config.ts";
import { processEnv, wire } from "../../../api/wire.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import { type Benchmark, onEachStore, type Row, type StoreChoice } from "../benchmark.ts";
import { makeWebServices } from "../services.ts";

const START_MS = 10_000;

export const healthyPass: Benchmark = {
  name: "healthy-pass",
  title: "One run on a healthy service",
  run: (context) => onEachStore(context, (store) => measure(store, context.runs)),
};

async function measure(store: StoreChoice, count: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-bench-"));
  const [service] = await makeWebServices(folder, 1);
  const config = configFromObject(
    {
      version: 1,
      dataDir: join(folder, ".opsmedic"),
      storage: { url: store.url ?? "" },
      services: [service?.asConfigured],
    },
    { baseDir: folder },
  );
  const { engine, supervisor, targets, opened } = await wire({
    config,
    logger: pino({ level: "silent" }),
    live: { publish: () => undefined, subscribe: () => () => undefined },
    requestRun: () => Promise.resolve(),
    baseEnv: processEnv(allVariables()),
  });
  try {
    await targets.of("web-1")?.start();
    const samples: number[] = [];
    for (const deadline = Date.now() + START_MS; samples.length < count; ) {
      const began = performance.now();
      const run = await engine.runner.run({ service: "web-1", trigger: "api", reason: "benchmark" });
      if (run?.outcome === "healthy") samples.push(performance.now() - began);
      else if (Date.now() > deadline) throw new Error(`web-1 was ${run?.outcome}: ${run?.report}`);
      else await systemClock.sleep(100);
    }
    return [{ role: "opsmedic", what: `nothing found, ${store.name}`, unit: "ms", samples }];
  } finally {
    await supervisor.stop("web-1");
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
