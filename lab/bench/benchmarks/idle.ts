// What a server costs that has nothing to do: three services that are well, looked at every five seconds.
import { setTimeout as sleep } from "node:timers/promises";
import { type Benchmark, onEachStore, type Row, type StoreChoice } from "../benchmark.ts";
import { startServer } from "../server.ts";
import { makeWebServices } from "../services.ts";
import { megabytes } from "../statistics.ts";

const MINUTE_MS = 60_000;
const LOOK_MS = 5_000;

export const idle: Benchmark = {
  name: "idle",
  title: "A minute over three healthy services",
  run: (context) => onEachStore(context, measure),
};

async function measure(store: StoreChoice): Promise<Row[]> {
  await using server = await startServer(store, async (folder) => ({
    services: (await makeWebServices(folder, 3)).map((one) => one.asConfigured),
  }));
  await sleep(LOOK_MS);
  const memory = [megabytes(server.memory())];
  const cpuBefore = server.cpuMs();
  for (const end = Date.now() + MINUTE_MS; Date.now() < end; ) {
    await sleep(LOOK_MS);
    memory.push(megabytes(server.memory()));
  }
  const cpu = server.cpuMs() - cpuBefore;
  return [
    { role: "opsmedic", what: `memory of the server, every 5 s, ${store.name}`, unit: "MB", samples: memory },
    { role: "opsmedic", what: `memory at the end, ${store.name}`, unit: "MB", samples: memory.slice(-1) },
    { role: "opsmedic", what: `CPU time in the minute, ${store.name}`, unit: "ms", samples: [cpu] },
  ];
}
