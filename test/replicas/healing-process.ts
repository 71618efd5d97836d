// An opsmedic of its own that heals web-2 as soon as it sees its errors: `node healing-process.ts '<folder and ports>'`.
import { join } from "node:path";
import pino from "pino";
import { makeLogFollower } from "../../agents/log-follower.ts";
import { configFromObject } from "../../api/config.ts";
import { systemIds, wire } from "../../api/wire.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { openStore } from "../../knowledge/store.ts";
import { type Ports, servicesOf } from "./services-of-three.ts";

const { folder, ports } = JSON.parse(process.argv[2] ?? "") as { folder: string; ports: Ports };
const dataDir = join(folder, ".opsmedic");
const config = configFromObject(
  { version: 1, dataDir, services: servicesOf(ports)(folder), healing: { validate: { for: "2s" } } },
  { baseDir: folder, variables: {} },
);
const { engine, services, targets, clock } = await wire({
  config,
  logger: pino({ level: "silent" }),
  live: { publish: () => undefined, subscribe: () => () => undefined },
  requestRun: () => Promise.resolve(),
  baseEnv: { PATH: process.env["PATH"] ?? "" },
  opened: await openStore({ dataDir }, { clock: systemClock, makeId: systemIds }),
});
const [, sick] = services();
if (sick === undefined) throw new Error("there is no second replica");
const logs = makeLogFollower({ targets, clock, onSignal: (one) => engine.monitor.note(one) });
void logs.follow(sick, new AbortController().signal);
// What it says of its errors counts for the cause.
await Promise.all(Array.from({ length: 8 }, () => fetch(`http://127.0.0.1:${ports.of["web-2"]}/`)));
while (!engine.judge(sick, await engine.monitor.observe(sick)).some((one) => one.kind === "error-rate"));
await engine.runner.run({ service: sick.name, trigger: "api", reason: "test" });
