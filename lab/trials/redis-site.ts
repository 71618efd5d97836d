// A Redis server of a fault's own, with keys that must stay, and the lab's own connection that sees settings and clients.
import { Redis } from "ioredis";
import { startRedis } from "../database-servers.ts";
import type { Ground, Scene, Seen } from "./fault.ts";

const KEPT = 200;

export type RedisSite = Awaited<ReturnType<typeof openRedisSite>>;

/** `options` as redis-server takes them, `more` as opsmedic.yaml says of it. */
export async function openRedisSite(ground: Ground, options: readonly string[] = [], more: object = {}) {
  const server = await startRedis(...options);
  ground.disposables.defer(server.stop);
  const own = connected(server.port);
  const clients = [own];
  ground.disposables.defer(() => clients.forEach((one) => one.disconnect()));
  await own.call("CLIENT", "SETNAME", "lab");
  for (let n = 0; n < KEPT; n += 1) await own.set(`session:${n}`, `customer ${n * 37}`);

  const stopping: (() => void)[] = [];
  let filling = false;
  const site = {
    own,
    folder: server.folder,
    client(): Redis {
      const made = connected(server.port);
      clients.push(made);
      return made;
    },
    /** Whether a customer's session can be written now. */
    takesWrites: (): Promise<boolean> =>
      own.set("lab:now", "1").then(
        () => own.del("lab:now").then(() => true),
        () => false,
      ),
    /** Many values, or as many as fit. */
    async fill(count: number, bytes: number, prefix = "page:"): Promise<void> {
      const pipeline = own.pipeline();
      for (let n = 0; n < count; n += 1) pipeline.set(`${prefix}${n}`, "x".repeat(bytes));
      await pipeline.exec();
    },
    /** New values come all the time, until the end of the scene. */
    keepFilling(everyMs = 100): void {
      let n = 0;
      filling = true;
      const timer = setInterval(() => {
        n += 1;
        void site.fill(40, 1_000, `page:${n}:`).catch(() => undefined);
      }, everyMs);
      ground.disposables.defer(() => clearInterval(timer));
      stopping.push(() => clearInterval(timer));
    },
    isFilled: (): boolean => filling,
    /** The clients that wait or work; not the lab's own, and not those that ask once. */
    async state(): Promise<Seen> {
      const settings = await own.config("GET", "*");
      const seen: Record<string, string> = {};
      for (let at = 0; at < settings.length; at += 2)
        seen[`setting ${settings[at]}`] = settings[at + 1] ?? "";
      const listed = String(await own.call("CLIENT", "LIST"));
      for (const line of listed.split("\n")) {
        const [, id] = /^id=(\d+)/.exec(line) ?? [];
        const [, name] = / name=(\S+)/.exec(line) ?? [];
        if (id !== undefined && name?.startsWith("shop")) seen[`session ${name} ${id}`] = "connected";
      }
      return seen;
    },
    /** The sessions of customers, which nobody may drop. */
    async data(): Promise<Seen> {
      const values = await own.mget(Array.from({ length: KEPT }, (_, n) => `session:${n}`));
      return { sessions: `${values.filter((one) => one !== null).length}: ${values.join(",")}` };
    },
    scene(acts: Pick<Scene, "break" | "well"> & Partial<Scene>): Scene {
      const name = ground.nameOf("cache");
      return {
        services: [
          { name, redis: { url: `redis://127.0.0.1:${server.port}`, ...more } },
          ...(acts.services ?? []),
        ],
        names: { cache: name, ...acts.names },
        break: acts.break,
        well: acts.well,
        state: acts.state ?? site.state,
        data: acts.data ?? site.data,
        mend: acts.mend ?? (async () => stopping.forEach((stop) => stop())),
      };
    },
  };
  return site;
}

function connected(port: number): Redis {
  const made = new Redis(port, "127.0.0.1", { retryStrategy: () => null, maxRetriesPerRequest: 0 });
  made.on("error", () => undefined);
  return made;
}

export function redisScene(
  acts: (site: RedisSite) => Pick<Scene, "break" | "well"> & Partial<Scene>,
  options: readonly string[] = [],
  more: object = {},
) {
  return async (ground: Ground): Promise<Scene> => {
    const site = await openRedisSite(ground, options, more);
    return site.scene(acts(site));
  };
}
