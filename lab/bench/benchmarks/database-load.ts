// What a PostgreSQL under load notices of opsmedic: while it is looked into, and while a leaked client's sessions are found
// and ended. Throughput of pgbench by the second, of the same without opsmedic, in turns.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";
import { inDatabase } from "../../postgres-server.ts";
import { postgresBin } from "../../postgres-programs.ts";
import type { Benchmark } from "../benchmark.ts";
import { type Second, sharesUnderLoad } from "../load-shares.ts";

/** Rows of pgbench's biggest table: 100,000 each. */
const SCALE = 5;
const CLIENTS = 4;
const WARM_UP_MS = 5_000;
/** With the others nine of ten places, until they are ended. */
const LEAKED = 48;

export const databaseLoad: Benchmark = {
  name: "database-load",
  title: "pgbench, while its PostgreSQL is watched and repaired",
  async run(context) {
    const bin = postgresBin();
    if (context.postgres === undefined || bin === undefined)
      return [{ what: "a loaded PostgreSQL", missing: "no PostgreSQL server is installed" }];
    const url = await context.postgres.fresh();
    await inDatabase(url, "create role leaky login").catch(() => undefined); // it is there from a run before
    const pgbench = join(bin, "pgbench");
    await promisify(execFile)(pgbench, ["-i", "-q", "-s", `${SCALE}`, url]);
    await using load = startLoad(pgbench, url);
    await sleep(WARM_UP_MS);
    return await sharesUnderLoad(context, {
      service: { postgres: { url, terminateIdleInTransactionAfter: "1s" } },
      seconds: load.seconds,
      breakIt: () => leak(url),
      fault: `${LEAKED} leaked sessions`,
    });
  },
};

function startLoad(pgbench: string, url: string) {
  const aDay = ["-T", "86400"];
  const args = ["-n", "-c", `${CLIENTS}`, ...aDay, "-P", "1", "--progress-timestamp", url];
  const child = spawn(pgbench, args, { stdio: ["ignore", "ignore", "pipe"] });
  const seconds: Second[] = [];
  let last: number | undefined;
  createInterface({ input: child.stderr }).on("line", (line) => {
    const told = /^progress: (?<at>[\d.]+) s, (?<tps>[\d.]+) tps/.exec(line)?.groups;
    if (told === undefined) return;
    const to = Number(told["at"]) * 1_000;
    if (last !== undefined) seconds.push({ from: last, to, rate: Number(told["tps"]) });
    last = to;
  });
  return {
    seconds: seconds as readonly Second[],
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      if (child.exitCode === null && child.kill("SIGKILL")) await ended;
    },
  };
}

/** Sessions of one client that has forgotten its transactions. */
async function leak(url: string) {
  const role = url.replace(/\/\/[^@/]*@/, "//leaky@");
  const all = Array.from({ length: LEAKED }, () => {
    const client = new Client({ connectionString: role, application_name: "checkout" });
    const one = { client, ended: false };
    client.on("error", () => (one.ended = true));
    return one;
  });
  for (const { client } of all) {
    await client.connect();
    await client.query("begin");
  }
  return {
    // Without asking them anything: a session that works is not ended.
    isOver: async () => all.every((one) => one.ended),
    async mend() {
      await Promise.all(all.map(({ client }) => client.end().catch(() => undefined)));
    },
  };
}
