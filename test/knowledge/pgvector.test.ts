// A PostgreSQL server with pgvector, as the compose file has it: knowledge gets its vectors, also for a plain user.
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasVectors, migrate } from "../../knowledge/migrate.ts";
import { openPostgres } from "../../knowledge/postgres-db.ts";
import { makeVectors, type Vectors } from "../../knowledge/vectors.ts";
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

  it("finds the nearest of many by an index, which is made anew where its making was cut off", async () => {
    await inDatabase(`postgres://postgres@${server.address}/postgres`, "create database many");
    const { db, close } = await openPostgres({ url: `postgres://postgres@${server.address}/many` });
    try {
      await migrate(db);
      const model = "three-numbers";
      await db.query(
        `insert into opsmedic.knowledge
           (id, same_as, origin, title, symptoms, vocabulary, playbook, cause, fix, outcome, target_kind, first_at, at, changed_at)
         select 'kb_' || n, 'case ' || n, 'added', 'case ' || n, '[]', '[]', '', '', '', 'known', '', 0, 0, 0
         from generate_series(1, 300) n`,
      );
      await db.query("insert into opsmedic.knowledge_terms (term, entries) values ('', 300)");
      await db.query(
        `insert into opsmedic.knowledge_index (entry, version, target_kind, disabled, terms, weights)
         select id, 1, '', false, '{}', '' from opsmedic.knowledge`,
      );
      const rows = Array.from({ length: 300 }, (_, n) => ({
        entry: `kb_${n + 1}`,
        version: 1,
        vector: [Math.cos(n / 100), Math.sin(n / 100), 0.1],
      }));
      const first = makeVectors(db, "postgres", 100);
      await first.write(model, rows);
      const whole = async () => {
        const found = await db.query<{ valid: boolean }>(
          "select indisvalid as valid from pg_index where indexrelid = 'opsmedic.knowledge_vectors_3_three_numbers'::regclass",
        );
        return found[0]?.valid;
      };
      const asked = { count: 0 };
      const candidates = async () => {
        asked.count += 1;
        return ["kb_7"];
      };
      const nearest = async (vectors: Vectors) => {
        const found = await vectors.nearest({
          model,
          vector: [Math.cos(1.2), Math.sin(1.2), 0.1],
          without: [],
          candidates,
          limit: 1,
        });
        return found.map(({ entry }) => entry);
      };
      // Without an index so many are not compared, only those that the words have found.
      expect(await nearest(first)).toEqual(["kb_7"]);
      await first.tend(model, 3);
      expect(await whole()).toBe(true);
      expect(await nearest(first)).toEqual(["kb_121"]);
      expect(asked.count).toBe(1);

      // What a cut-off CREATE INDEX CONCURRENTLY leaves behind; and a server that has just started.
      await db.query(
        "update pg_index set indisvalid = false where indexrelid = 'opsmedic.knowledge_vectors_3_three_numbers'::regclass",
      );
      const next = makeVectors(db, "postgres", 100);
      expect(await nearest(next)).toEqual(["kb_7"]);
      await next.tend(model);
      expect(await whole()).toBe(true);
      expect(await nearest(next)).toEqual(["kb_121"]);
    } finally {
      await close();
    }
  });
});
