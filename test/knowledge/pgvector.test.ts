// A PostgreSQL server with pgvector, as the compose file has it: knowledge gets its vectors, also for a plain user.
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasVectors, migrate } from "../../knowledge/migrate.ts";
import { openPostgres } from "../../knowledge/postgres-db.ts";
import { type PgvectorServer, startPgvector } from "../../lab/pgvector-server.ts";
import { describeWith } from "../services-available.ts";
import { inDatabase } from "./postgres-server.ts";

describeWith("docker", "A server with pgvector", () => {
  let server: PgvectorServer;

  beforeAll(async () => {
    const started = await startPgvector();
    if (started === undefined) throw new Error("the engine does not have the image of pgvector");
    server = started;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("gives knowledge its vectors, once the extension may be created", async () => {
    const superuser = `postgres://postgres@${server.address}/`;
    await inDatabase(`${superuser}postgres`, "create role ops login");
    await inDatabase(`${superuser}postgres`, "create database ops owner ops");
    const opened = await openPostgres({ url: `postgres://ops@${server.address}/ops` });
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
