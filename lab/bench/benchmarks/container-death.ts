// The same for containers: killed with `docker kill`, seen through Docker's event stream. Beside it a shell loop that
// starts what has exited, every five seconds.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Benchmark, Row } from "../benchmark.ts";
import { type Container, localImage, startContainers } from "../containers.ts";
import { startServer } from "../server.ts";
import { preciseNow } from "../statistics.ts";

const BAR_MS = 500;
const POLLER = fileURLToPath(new URL("../programs/docker-poller.sh", import.meta.url));
const POLL_MS = 5_000;

export const containerDeath: Benchmark = {
  name: "container-death",
  title: "From a container's death to its restart",
  async run({ runs, say }) {
    const image = await localImage();
    if (image === undefined) {
      return [{ what: "containers", missing: "no Docker engine answers, or it has no image to use" }];
    }
    const rows = [...(await product(image, runs))];
    say("the poller");
    return [...rows, await poller(image, runs)];
  },
};

async function product(image: string, count: number): Promise<Row[]> {
  await using containers = await startContainers(image, "own", count);
  await using server = await startServer({ name: "embedded" }, () => ({
    services: containers.all.map(({ name }) => ({ name, runtime: { docker: { container: name } } })),
  }));
  await sleep(2_000); // the first looks, which a running server has long behind it
  const begun: number[] = [];
  const samples: number[] = [];
  let healed = 0;
  for (const one of containers.all) {
    const killedAt = preciseNow();
    await one.kill();
    const { run, steps } = await server.ended(one.name, killedAt);
    if (run.outcome === "healed") healed += 1;
    const apply = steps.find(({ node, phase }) => node === "apply" && phase === "start");
    begun.push(Date.parse(apply?.at ?? "") - killedAt);
    samples.push((await one.startedAt()) - killedAt);
  }
  const note = `${healed} of ${count} healed`;
  return [
    { role: "opsmedic", what: "· restart begun, embedded", unit: "ms", samples: begun, bar: BAR_MS, note },
    {
      role: "opsmedic",
      what: "container started again (Docker's own time included), embedded",
      unit: "ms",
      samples,
    },
  ];
}

/** Deaths are spread evenly over the poller's interval, so that no lucky moment counts. */
async function poller(image: string, count: number): Promise<Row> {
  await using containers = await startContainers(image, "peer", count);
  const loop = spawn("/bin/sh", [POLLER, containers.label], { stdio: ["ignore", "ignore", "inherit"] });
  try {
    await sleep(2_000);
    const samples = await Promise.all(
      containers.all.map(async (one, index) => {
        await sleep(((index + 0.5) / count) * POLL_MS);
        return downtime(one);
      }),
    );
    return { role: "peer", what: "container started again, a shell loop every 5 s", unit: "ms", samples };
  } finally {
    const ended = once(loop, "exit");
    loop.kill("SIGKILL");
    await ended;
  }
}

async function downtime(one: Container): Promise<number> {
  const killedAt = preciseNow();
  await one.kill();
  for (;;) {
    const startedAt = await one.startedAt();
    if (startedAt > killedAt) return startedAt - killedAt;
    await sleep(200);
  }
}
