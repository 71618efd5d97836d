// What a PostgreSQL under load notices of opsmedic: while it is looked into, and while a leaked client's sessions are
// ended. Throughput of pgbench, beside the same without opsmedic, in turns.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";
import { postgresBin } from "../../postgres-programs.ts";
import type { BenchContext, Benchmark, Row } from "../benchmark.ts";
import { startServer } from "../server.ts";

const run = promisify(execFile);
/** Rows of pgbench's biggest table: 100,000 each. */
const SCALE = 5;
const CLIENTS = 4;
const SECONDS = 8;
/** With the others nine of ten places, until they are ended. */
const LEAKED = 48;
const ENDED_WITHIN_MS = 30_000;
const BAR = 95;

export const databaseLoad: Benchmark = {
  name: "database-load",
  title: "pgbench, while its PostgreSQL is watched and repaired",
  async run(context) {
    const bin = postgresBin();
    if (context.postgres === undefined || bin === undefined) return [];
    return measure(context, await context.postgres.fresh(), join(bin, "pgbench"));
  },
};

async function measure({ runs, say }: BenchContext, url: string, pgbench: string): Promise<Row[]> {
  await run(pgbench, ["-i", "-q", "-s", `${SCALE}`, url]);
  const load = (): Promise<number> => throughput(pgbench, url);
  await load(); // caches are warm from here on
  const watched: number[] = [];
  const repaired: number[] = [];
  let ended = 0;
  for (let count = 1; count <= runs; count += 1) {
    const alone = await load();
    await using server = await startServer({ name: "embedded" }, () => ({
      services: [{ name: "db", postgres: { url, terminateIdleInTransactionAfter: "1s" } }],
    }));
    await sleep(5_000); // its start is not what is measured
    watched.push((100 * (await load())) / alone);
    const leak = await leaked(url);
    repaired.push((100 * (await load())) / alone);
    ended += (await areEnded(leak)) ? 1 : 0;
    await Promise.all(leak.map(({ client }) => client.end().catch(() => undefined)));
    say(`${count} of ${runs}: ${Math.round(watched.at(-1) ?? 0)} %, ${Math.round(repaired.at(-1) ?? 0)} %`);
    void server;
  }
  return [
    {
      role: "opsmedic",
      what: "throughput while it is looked into every 5 s, of that without",
      unit: "%",
      samples: watched,
      bar: BAR,
    },
    {
      role: "opsmedic",
      what: `throughput while ${LEAKED} leaked sessions are found and ended, of that without`,
      unit: "%",
      samples: repaired,
      bar: BAR,
      note: `in ${ended} of ${runs} runs all of them were ended, and nothing else`,
    },
  ];
}

async function throughput(pgbench: string, url: string): Promise<number> {
  const { stdout } = await run(pgbench, ["-n", "-c", `${CLIENTS}`, "-T", `${SECONDS}`, url]);
  return Number(/^tps = (?<tps>[\d.]+)/m.exec(stdout)?.groups?.["tps"]);
}

interface Leaked {
  client: Client;
  ended: boolean;
}

/** Sessions of one client that has forgotten its transactions. */
async function leaked(url: string): Promise<Leaked[]> {
  const role = url.replace(/\/\/[^@/]*@/, "//leaky@");
  const owner = new Client({ connectionString: url });
  await owner.connect();
  await owner.query(
    "do $$ begin if not exists (select from pg_roles where rolname = 'leaky') then create role leaky login; end if; end $$",
  );
  await owner.end();
  const all = Array.from({ length: LEAKED }, () => {
    const client = new Client({ connectionString: role, application_name: "checkout" });
    const one: Leaked = { client, ended: false };
    client.on("error", () => (one.ended = true));
    return one;
  });
  for (const { client } of all) {
    await client.connect();
    await client.query("begin");
  }
  return all;
}

/** Looked at without asking them anything: a session that works is not ended. */
async function areEnded(all: readonly Leaked[]): Promise<boolean> {
  for (const until = Date.now() + ENDED_WITHIN_MS; Date.now() < until; await sleep(100))
    if (all.every((one) => one.ended)) return true;
  return false;
}
