// What a Redis under load notices of opsmedic: while it is looked into, and while a client that does not read its answers
// is found and ended. Throughput of redis-benchmark by the second, of the same without opsmedic, in turns.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { startRedis } from "../../database-servers.ts";
import type { Benchmark } from "../benchmark.ts";
import { type Second, sharesUnderLoad } from "../load-shares.ts";
import { preciseNow } from "../statistics.ts";

const CLIENTS = 20;
const KEYS = 10_000;
const WARM_UP_MS = 4_000;
const MEGABYTE = 1024 * 1024;
/** Together more than a server can lay in the network, and than anybody finds harmless. */
const UNREAD = 40;

export const redisLoad: Benchmark = {
  name: "redis-load",
  title: "redis-benchmark, while its Redis is watched and repaired",
  async run(context) {
    const missing = ["redis-server", "redis-benchmark"].find(
      (program) => spawnSync(program, ["--version"]).status !== 0,
    );
    if (missing !== undefined) return [{ what: "a loaded Redis", missing: `${missing} is not installed` }];
    const server = await startRedis();
    try {
      await using load = await startLoad(server.port);
      await sleep(WARM_UP_MS);
      return await sharesUnderLoad(context, {
        service: { redis: { url: `redis://127.0.0.1:${server.port}` } },
        seconds: load.seconds,
        breakIt: () => slowReader(server.port, load.redis),
        fault: `a client with ${UNREAD * 2} MB of answers that it does not read`,
      });
    } finally {
      await server.stop();
    }
  },
};

/** Counted by the server itself: redis-benchmark tells the mean of all that it has done. */
async function startLoad(port: number) {
  const redis = new Redis(port, "127.0.0.1");
  await redis.set("page", "x".repeat(2 * MEGABYTE));
  const requests = ["-n", "5000000", "-r", `${KEYS}`, "-c", `${CLIENTS}`, "-l", "-q"];
  const args = ["-p", `${port}`, ...requests, "-t", "set"];
  const child = spawn("redis-benchmark", args, { stdio: "ignore" });
  const seconds: Second[] = [];
  let last: { at: number; commands: number } | undefined;
  const look = async (): Promise<void> => {
    const commands = Number(
      /total_commands_processed:(?<count>\d+)/.exec(await redis.info("stats"))?.groups?.["count"],
    );
    const at = preciseNow();
    if (last !== undefined)
      seconds.push({ from: last.at, to: at, rate: ((commands - last.commands) * 1_000) / (at - last.at) });
    last = { at, commands };
  };
  const looking = setInterval(() => void look().catch(() => undefined), 1_000);
  return {
    redis,
    seconds: seconds as readonly Second[],
    async [Symbol.asyncDispose]() {
      clearInterval(looking);
      redis.disconnect();
      const ended = once(child, "exit");
      if (child.exitCode === null && child.kill("SIGKILL")) await ended;
    },
  };
}

/** It asks for much, and reads nothing. */
async function slowReader(port: number, redis: Redis) {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined); // it is ended
  await once(socket, "connect");
  socket.pause();
  socket.write(`CLIENT SETNAME reports\r\n${"GET page\r\n".repeat(UNREAD)}`);
  // Who does not read does not notice its own end.
  const isThere = async () => / name=reports .* cmd=get /.test(String(await redis.client("LIST")));
  while (!(await isThere())) await sleep(50);
  return {
    isOver: async () => !(await isThere()),
    async mend() {
      socket.destroy();
    },
  };
}
