// Three sessions that one repair may end, on a real server of each engine, and a bystander: opsmedic is killed when the
// first of them is ended, and what is left of them has changed until the next process comes.
import { expect, it } from "vitest";
import type { JsonObject } from "../../domain/json.ts";
import type { Service } from "../../domain/service.ts";
import { clientsOf } from "../../tools/redis-clients.ts";
import { isThere, mysqlContext, sharedMysql } from "../acting/mysql-scenes.ts";
import { until } from "../acting/postgres-scenes.ts";
import type { PostgresWorld } from "../acting/postgres-world.ts";
import { redisClient, redisContext, runOf, sharedRedis } from "../acting/redis-scenes.ts";
import { untilTrue } from "../scenarios/site.ts";
import { openActDoor } from "./act-door.ts";
import type { OpsmedicProcesses } from "./opsmedic-process.ts";

interface Session {
  isThere(): Promise<boolean>;
  /** Resolves when it is at work again, and it will be for a while. */
  work(): Promise<void>;
}

export interface Crowd extends AsyncDisposable {
  action: string;
  params: JsonObject;
  service: Service;
  /** By which one of them is ended, or all of them are. */
  act: RegExp;
  meant: readonly Session[];
  bystander: Session;
  /** Lies unused as the others do, and came after the repair had looked. */
  latecomer(): Promise<Session>;
}

/** `atOnce`: it is one statement that ends them all, and between two of them there is nothing. */
export function survivesBetween(
  name: string,
  open: () => Promise<Crowd>,
  processes: () => OpsmedicProcesses,
  { atOnce = false } = {},
): void {
  it(`${name}, killed when it has ended the first of three`, async () => {
    await using crowd = await open();
    const { database } = crowd.service;
    const url = new URL(database?.url ?? "");
    await using door = await openDoor(Number(url.port), crowd.act);
    url.port = String(door.port);
    const repair = {
      runId: `between-${name}`,
      action: crowd.action,
      params: crowd.params,
      effect: "repeatable" as const,
      service: { ...crowd.service, database: { ...database, url: url.href } } as Service,
    };
    door.onNext(crowd.act, () => processes().kill());
    await processes().dieOf({ do: "repair", repair });
    const left = async (): Promise<Session[]> => {
      const there: Session[] = [];
      for (const one of crowd.meant) if (await one.isThere()) there.push(one);
      return there;
    };
    await expect.poll(async () => (await left()).length).toBe(atOnce ? 0 : 2);
    door.seen();

    const [busy, unused] = await left();
    await busy?.work();
    const late = await crowd.latecomer();
    const done = await processes().ask({ do: "repair", repair });
    expect(done).toMatchObject({ state: "verified" });
    expect(door.seen().acts, "nobody is ended twice").toBe(atOnce ? 0 : 1);
    expect(await unused?.isThere()).toBe(atOnce ? undefined : false);
    expect(await busy?.isThere()).toBe(atOnce ? undefined : true);
    expect([await late.isThere(), await crowd.bystander.isThere()]).toEqual([true, true]);

    const undone = await processes().ask({ do: "take back", repair });
    expect(undone).toMatchObject({
      state: "undone",
      text: expect.stringMatching(/there was nothing to put back/i),
    });
    expect([await late.isThere(), await crowd.bystander.isThere()]).toEqual([true, true]);
  });
}

async function openDoor(port: number, act: RegExp) {
  const door = await openActDoor(port, act);
  return { ...door, [Symbol.asyncDispose]: door.close };
}

async function postgresSession(world: PostgresWorld, client: string, sql: string): Promise<Session & Pid> {
  const one = await world.client(client);
  await one.query(sql);
  const { rows } = await one.query<{ pid: number; started: number }>(
    "select pid, extract(epoch from backend_start)::float8 * 1000 as started from pg_stat_activity where pid = pg_backend_pid()",
  );
  const { pid = 0, started = 0 } = rows[0] ?? {};
  return {
    pid,
    startedAt: started,
    isThere: async () => (await world.rows("select from pg_stat_activity where pid = $1", [pid])).length > 0,
    async work() {
      void one.query("select pg_sleep(60)").catch(() => undefined);
      await until(world, `select from pg_stat_activity where pid = ${pid} and state = 'active'`);
    },
  };
}
interface Pid {
  pid: number;
  startedAt: number;
}

/** A statement ends all sessions that one client has leaked. */
export async function postgresLeak(world: PostgresWorld): Promise<Crowd> {
  const leaked = () => postgresSession(world, "checkout", "begin; select 1");
  return {
    action: "postgres-end-sessions",
    params: { role: "shop", client: "checkout", address: "127.0.0.1" },
    service: world.context("medic", { terminateIdleInTransactionAfterMs: 1 }).service,
    act: /pg_terminate_backend/,
    meant: [await leaked(), await leaked(), await leaked()],
    bystander: await postgresSession(world, "report", "begin; select 1"),
    latecomer: leaked,
    [Symbol.asyncDispose]: world.clear,
  };
}

/** Forgotten transactions are ended one by one; each holds a row for which somebody waits. */
export async function postgresBlockers(world: PostgresWorld): Promise<Crowd> {
  await world.admin.query("create table if not exists stock (id int primary key, n int)");
  await world.admin.query("truncate stock; insert into stock select g, 1 from generate_series(1, 5) g");
  await world.admin.query("grant all on stock to shop");
  const blocker = async (id: number): Promise<Session & Pid> => {
    const made = await postgresSession(world, "nightly", `begin; update stock set n = 2 where id = ${id}`);
    const waits = await world.client("checkout");
    void waits.query(`update stock set n = 3 where id = ${id}`).catch(() => undefined);
    await until(world, `select from pg_stat_activity where ${made.pid} = any(pg_blocking_pids(pid))`);
    return made;
  };
  const meant = [await blocker(1), await blocker(2), await blocker(3)];
  return {
    action: "postgres-end-blocker",
    params: { sessions: meant.map(({ pid, startedAt }) => ({ pid, startedAt })) },
    service: world.context("medic", { terminateIdleInTransactionAfterMs: 1 }).service,
    act: /pg_terminate_backend/,
    meant,
    bystander: await postgresSession(world, "nightly", "begin; update stock set n = 2 where id = 4"),
    latecomer: () => blocker(5),
    [Symbol.asyncDispose]: world.clear,
  };
}

export async function mysqlLeak(): Promise<Crowd> {
  const world = await sharedMysql();
  await world.root.query("create user if not exists leaky@localhost");
  await world.root.query("grant select, update on shop.* to leaky@localhost");
  /** Of these ids, so many. */
  const processlist = async (condition: string, ids: number[]): Promise<number> => {
    const sql = `select count(*) as n from information_schema.processlist where id in (?) and ${condition}`;
    const [rows] = await world.root.query(sql, [ids]);
    return (rows as { n: number }[])[0]?.n ?? 0;
  };
  const session = async (user: string): Promise<Session & { id: number; end(): void }> => {
    const one = await world.connect(user, "shop");
    await one.query("begin");
    await one.query("select * from stock");
    return {
      id: one.threadId,
      isThere: () => isThere(world, one.threadId),
      async work() {
        void one.query("select sleep(60)").catch(() => undefined);
        await untilTrue(
          "it works",
          async () => (await processlist("command <> 'Sleep'", [one.threadId])) === 1,
        );
      },
      end: () => one.destroy(),
    };
  };
  const all = [await session("leaky"), await session("leaky"), await session("leaky")];
  const bystander = await session("root");
  const ids = all.map((one) => one.id);
  await untilTrue("they sleep for long enough", async () => (await processlist("time >= 3", ids)) === 3);
  const opened = [...all, bystander];
  return {
    action: "mysql-end-sessions",
    params: { role: "leaky", client: "localhost" },
    service: mysqlContext(world.server.port).service,
    act: /kill connection \d/,
    meant: all,
    bystander,
    async latecomer() {
      const late = await session("leaky");
      opened.push(late);
      return late;
    },
    async [Symbol.asyncDispose]() {
      for (const one of opened) one.end();
    },
  };
}

export async function redisIdlers(): Promise<Crowd> {
  const server = await sharedRedis();
  const redis = redisClient(server.port);
  const list = async () => clientsOf(await redis.client("LIST"));
  const opened = [redis];
  const session = async (name: string): Promise<Session & { id: string }> => {
    const one = redisClient(server.port, name);
    opened.push(one);
    await one.ping();
    const id = String(await one.client("ID"));
    return {
      id,
      isThere: async () => (await list()).some((other) => other.id === id),
      async work() {
        void one.blpop("jobs", 0).catch(() => undefined);
        await untilTrue(
          "it waits",
          async () => (await list()).some((other) => other.id === id && other.flags.includes("b")),
          20,
        );
      },
    };
  };
  const meant = [await session("reports"), await session("reports"), await session("reports")];
  const bystander = await session("shop");
  const idle = async () => (await list()).filter((one) => one.name === "reports");
  await untilTrue(
    "they lie idle for long enough",
    async () => (await idle()).every((one) => one.idleMs >= 1_000),
    50,
  );
  const clients = (await idle()).map(({ id, address, ageMs }) => ({ id, address, ageMs }));
  return {
    action: "redis-end-clients",
    params: { server: await runOf(redis), clients, because: { idleMs: 1_000 } },
    service: redisContext(server.port).service,
    act: /CLIENT\b[^]*\bKILL/i,
    meant,
    bystander,
    latecomer: () => session("reports"),
    async [Symbol.asyncDispose]() {
      for (const one of opened) one.disconnect();
    },
  };
}
