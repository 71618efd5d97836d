// From a death to "restart issued": a real process is killed, and the watching product has to see it, explain it,
// pass the gate, back up and start a new one. Beside it a poller that just starts what is down, every five seconds.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Benchmark, onEachStore, type Row, type StoreChoice } from "../benchmark.ts";
import { startProduct } from "../product.ts";
import { makeWebServices, type WebService } from "../services.ts";
import { preciseNow } from "../statistics.ts";

const BAR_MS = 500;
const POLLER = fileURLToPath(new URL("../programs/poller.js", import.meta.url));
const POLL_MS = 5_000;

export const deathToRestart: Benchmark = {
  name: "death-to-restart",
  title: "From a process's death to its restart",
  async run(context) {
    const rows = await onEachStore(context, async (store) => [
      ...(await product(store, "directly", context.runs)),
      ...(await product({ ...store, ...(await freshLike(store, context)) }, "queue", context.runs)),
    ]);
    context.say("the poller");
    return [...rows, await poller(context.runs)];
  },
};

async function freshLike(store: StoreChoice, { postgres }: Parameters<Benchmark["run"]>[0]) {
  return store.url !== undefined && postgres ? { url: await postgres.fresh() } : {};
}

async function product(store: StoreChoice, through: "directly" | "queue", count: number): Promise<Row[]> {
  let services: WebService[] = [];
  await using opsmedic = await startProduct(store, async (folder) => {
    services = await makeWebServices(folder, count);
    return { services: services.map((one) => one.asConfigured) };
  });
  const pids = await opsmedic.ask(
    "start",
    services.map((one) => one.name),
  );
  await opsmedic.ask("watch", through);
  await sleep(1_000); // the first looks, which a running product has long behind it
  const asked: number[] = [];
  const applying: number[] = [];
  const born: number[] = [];
  let healed = 0;
  for (const [index, service] of services.entries()) {
    const killedAt = preciseNow();
    process.kill(pids[index] ?? 0, "SIGKILL");
    asked.push((await opsmedic.happened("requested", service.name)).at - killedAt);
    applying.push((await opsmedic.happened("applying", service.name)).at - killedAt);
    if ((await opsmedic.happened("ended", service.name)).outcome === "healed") healed += 1;
    born.push(service.bornAt() - killedAt);
  }
  const about = `${store.name}, ${through === "queue" ? "through its queue" : "called directly"}`;
  return [
    { role: "opsmedic", what: `· run asked for, ${about}`, unit: "ms", samples: asked },
    { role: "opsmedic", what: `· restart in the journal, ${about}`, unit: "ms", samples: applying },
    {
      role: "opsmedic",
      what: `new process's first word, ${about}`,
      unit: "ms",
      samples: born,
      bar: BAR_MS,
      note: `${healed} of ${count} healed`,
    },
  ];
}

/** Deaths are spread evenly over the poller's interval, so that no lucky moment counts. */
async function poller(count: number): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-bench-"));
  const services = await makeWebServices(folder, count);
  const list = JSON.stringify(services.map(({ command, env }) => ({ command, env })));
  const child = spawn(process.execPath, [POLLER, list], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const pids = JSON.parse(line.toString()) as number[];
    await sleep(1_000);
    const samples = await Promise.all(
      services.map(async (service, index) => {
        await sleep(((index + 0.5) / count) * POLL_MS);
        const killedAt = preciseNow();
        process.kill(pids[index] ?? 0, "SIGKILL");
        while (service.bornAt() < killedAt) await sleep(50);
        return service.bornAt() - killedAt;
      }),
    );
    return { role: "peer", what: "new process's first word, a poller every 5 s", unit: "ms", samples };
  } finally {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
