// A full sweep over many healthy services, and the memory that the product's process has afterwards.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request, Agent } from "node:http";
import pLimit from "p-limit";
import { fileURLToPath } from "node:url";
import { type Benchmark, onEachStore, type Row, type StoreChoice } from "../benchmark.ts";
import { startServer } from "../server.ts";
import { megabytes } from "../statistics.ts";

const PAGES = fileURLToPath(new URL("../programs/pages.js", import.meta.url));
const BARS_MS: Record<number, number> = { 100: 1_500, 1_000: 10_000 };
const BARS_MB = { embedded: 500, PostgreSQL: 220 };
/** As agents/sweep.ts has it. */
const CONCURRENCY = 64;

export const sweep: Benchmark = {
  name: "sweep",
  title: "A sweep over healthy services",
  async run(context) {
    const server = spawn(process.execPath, [PAGES], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [line] = (await once(server.stdout, "data")) as [Buffer];
      const port = Number(line.toString());
      const floors = [await floor(port, 100, context.runs), await floor(port, 1_000, context.runs)];
      const rows = await onEachStore(context, async (store) => [
        ...(await measure(store, port, 100, context.runs)),
        ...(await measure(store, port, 1_000, context.runs)),
      ]);
      return [...rows, ...floors];
    } finally {
      server.kill();
    }
  },
};

async function measure(store: StoreChoice, port: number, count: number, runs: number): Promise<Row[]> {
  const names = Array.from({ length: count }, (_, index) => `page-${index + 1}`);
  await using server = await startServer(store, () => ({
    services: names.map((name) => ({ name, health: [{ http: `http://127.0.0.1:${port}/${name}` }] })),
    healing: { watch: "10m" }, // so that nothing else looks meanwhile
  }));
  const samples: number[] = [];
  const memory: number[] = [];
  for (let n = 0; n < runs; n += 1) {
    const before = await requestsTo(port);
    const began = performance.now();
    const { data } = await server.api<{ data: { status: string } }>("/api/monitoring/trigger-check", {});
    samples.push(performance.now() - began);
    memory.push(megabytes(server.memory()));
    if (data.status !== "healthy") throw new Error(`healthy services were called ${data.status}`);
    const asked = (await requestsTo(port)) - before;
    if (asked < count) throw new Error(`only ${asked} of ${count} services were asked`);
  }
  const about = `${count.toLocaleString("en")} services, ${store.name}`;
  return [
    { role: "opsmedic", what: about, unit: "ms", samples, bar: BARS_MS[count] ?? Number.NaN },
    {
      role: "opsmedic",
      what: `memory of the server after each, ${about}`,
      unit: "MB",
      samples: memory,
      bar: BARS_MB[store.name],
    },
  ];
}

async function requestsTo(port: number): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${port}/count`)).text());
}

/** The same requests, as many at once, with nothing around them. */
async function floor(port: number, count: number, runs: number): Promise<Row> {
  const agent = new Agent({ keepAlive: false });
  const samples: number[] = [];
  for (let n = 0; n < runs; n += 1) {
    const limit = pLimit(CONCURRENCY);
    const began = performance.now();
    await limit.map(Array.from({ length: count }), (_, index) =>
      get(`http://127.0.0.1:${port}/page-${index}`, agent),
    );
    samples.push(performance.now() - began);
  }
  const what = `${count.toLocaleString("en")} bare node:http requests, ${CONCURRENCY} at once`;
  return { role: "floor", what, unit: "ms", samples };
}

function get(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => response.resume().once("end", resolve))
      .once("error", reject)
      .end();
  });
}
