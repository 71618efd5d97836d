// A PostgreSQL server with pgvector, as the compose file has it: knowledge gets its vectors, also for a plain user.
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { hasVectors, migrate } from "../../knowledge/migrate.ts";
import { openPostgres } from "../../knowledge/postgres-db.ts";
import { describeWith } from "../services-available.ts";
import { inDatabase } from "./postgres-server.ts";

const IMAGE = "pgvector/pgvector:pg17";

function docker(...args: string[]): string {
  return execFileSync("docker", args, { encoding: "utf8", timeout: 60_000 }).trim();
}

describeWith("docker", "A server with pgvector", () => {
  let container = "";
  let address = "";

  beforeAll(async () => {
    const options = ["--rm", "--label", "opsmedic.test=storage", "-e", "POSTGRES_HOST_AUTH_METHOD=trust"];
    container = docker("run", "-d", ...options, "-p", "127.0.0.1::5432", IMAGE);
    address = docker("port", container, "5432/tcp");
    // The image starts a first server for its own setup, which listens on no port.
    const ask = (): Promise<void> => inDatabase(`postgres://postgres@${address}/postgres`, "select 1");
    await vi.waitFor(ask, { timeout: 60_000, interval: 200 });
  });

  afterAll(() => {
    if (container !== "") docker("rm", "-f", container);
  });

  it("gives knowledge its vectors, once the extension may be created", async () => {
    const superuser = `postgres://postgres@${address}/`;
    await inDatabase(`${superuser}postgres`, "create role ops login");
    await inDatabase(`${superuser}postgres`, "create database ops owner ops");
    const opened = await openPostgres({ url: `postgres://ops@${address}/ops` });
    try {
      await migrate(opened.db);
      // A plain user may not create the extension: everything else is there, and the table comes with it later.
      expect(await opened.db.query("select * from opsmedic.cases")).toEqual([]);
      await inDatabase(`${superuser}ops`, "create extension if not exists vector with schema public");
      expect(await migrate(opened.db)).toEqual([]);
      expect(await hasVectors(opened.db)).toBe(true);
      expect(await opened.db.query("select vector from opsmedic.knowledge_vectors")).toEqual([]);
    } finally {
      await opened.close();
    }
  });
});
