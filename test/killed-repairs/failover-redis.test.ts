// A Redis dies in the midst of a change of its settings, and its replica takes its place; a replica is changed by itself; and
// an address that moves without cutting anybody off.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../domain/system-clock.ts";
import { redisActions } from "../../tools/actions/redis/all.ts";
import { makeDatabaseInspectors } from "../../tools/database-inspectors.ts";
import { makeGitBackups } from "../../tools/git-backup.ts";
import { redisClient, redisContext } from "../acting/redis-scenes.ts";
import { openTestStore, type TestStore } from "../knowledge/open-test-store.ts";
import { type RunningServer, startRedis } from "../observation/servers.ts";
import { wallClock } from "../observation/service.ts";
import { untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { openMovingAddress } from "./moving-address.ts";
import { oneRepair } from "./one-repair.ts";

const params = { setting: "timeout", from: "0", to: "300" };

describeWith("redis", "a primary of Redis that dies in the midst of a repair", () => {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-failover-redis-"));
  const backups = makeGitBackups({ folder: join(folder, "backups.git"), clock: systemClock });
  let servers: RunningServer[] = [];
  let clients: Redis[] = [];
  let opened: TestStore;

  beforeAll(async () => {
    opened = await openTestStore("pglite");
  });
  afterAll(async () => {
    for (const one of clients) one.disconnect();
    await Promise.all(servers.map((one) => one.stop()));
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function openPair() {
    const primary = await startRedis("--repl-diskless-sync-delay", "0");
    const replica = await startRedis("--replicaof", "127.0.0.1", `${primary.port}`);
    servers = [...servers, primary, replica];
    const [first, second] = [redisClient(primary.port), redisClient(replica.port)];
    clients = [...clients, first, second];
    await untilTrue(
      "it follows",
      async () => /master_link_status:up/.test(await second.info("replication")),
      100,
    );
    return { primary, replica, first, second };
  }

  function medicAt(port: number, name: string) {
    const context = redisContext(port);
    const action = redisActions.find((one) => one.name === "redis-set-config")!;
    return oneRepair(opened, backups, {
      action,
      params,
      context: { ...context, service: { ...context.service, name } },
    });
  }

  it("leaves what the promoted replica has set itself", async () => {
    const { primary, replica, second } = await openPair();
    await second.config("SET", "timeout", "300");
    await using address = await openMovingAddress(primary.port);
    const held = address.heldAt(/CONFIG\b[^]*\bSET/i);
    const end = medicAt(address.port, "failed-over").repair();
    await held;
    await primary.stop();
    await second.replicaof("NO", "ONE");
    address.moveTo(replica.port);
    expect(await end).toMatchObject({
      state: "undone",
      detail:
        "timeout is 300. It was started again since, or another one has taken its place: our change ended with that run.",
    });
    expect(await second.config("GET", "timeout")).toEqual(["timeout", "300"]);
  });

  it("is changed as a replica, too, and keeps that when it is promoted meanwhile", async () => {
    const { replica, second } = await openPair();
    const medic = medicAt(replica.port, "replica");
    expect(await medic.repair()).toMatchObject({ state: "verified" });
    expect(await second.config("GET", "timeout")).toEqual(["timeout", "300"]);
    await second.replicaof("NO", "ONE");
    expect(await medic.takeBack()).toMatchObject({ state: "undone", detail: "timeout is 0." });
    expect(await second.config("GET", "timeout")).toEqual(["timeout", "0"]);
  });

  it("is looked at where its address leads, also where nobody was cut off", async () => {
    const { primary, replica, first, second } = await openPair();
    await using address = await openMovingAddress(primary.port);
    const inspectors = makeDatabaseInspectors({ clock: wallClock });
    const inspector = await inspectors.of(redisContext(address.port).service.database!);
    const look = async () => (await inspector.look())?.words.role;
    expect(await look()).toBe("primary");
    await second.replicaof("NO", "ONE");
    address.moveTo(replica.port, { cut: false });
    await first.replicaof("127.0.0.1", replica.port);
    expect(await look()).toBe("primary");
    expect(await second.client("LIST")).toContain("opsmedic");
    inspectors.close();
  });
});
