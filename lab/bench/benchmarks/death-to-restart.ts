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
import { beganAt, type Death, deaths, healedOf } from "../deaths.ts";
import { makeWebServices } from "../services.ts";
import { preciseNow } from "../statistics.ts";

const BAR_MS = 500;
const POLLER = fileURLToPath(new URL("../programs/poller.js", import.meta.url));
const POLL_MS = 5_000;

export const deathToRestart: Benchmark = {
  name: "death-to-restart",
  title: "From a process's death to its restart",
  async run(context) {
    const rows = await onEachStore(context, async (store) => {
      return rowsOf(await deaths(store, context.runs), store);
    });
    context.say("the poller");
    return [...rows, await poller(context.runs)];
  },
};

function rowsOf(all: readonly Death[], { name }: StoreChoice): Row[] {
  const row = (what: string, at: (one: Death) => number): Row => ({
    role: "opsmedic",
    what: `${what}, ${name}`,
    unit: "ms",
    samples: all.map((one) => at(one) - one.killedAt),
  });
  return [
    { ...row("new process's first word", ({ bornAt }) => bornAt), bar: BAR_MS, note: healedOf(all) },
    row("· run begun", ({ story }) => Date.parse(story.run.startedAt)),
    row("· gate passed, backup begun", (one) => beganAt(one, "backUp")),
    row("· restart begun", (one) => beganAt(one, "apply")),
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
