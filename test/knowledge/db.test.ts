// Both drivers as the one Db.
import { openPglite } from "../../knowledge/pglite-db.ts";
import { openPostgres } from "../../knowledge/postgres-db.ts";
import { dbContract } from "../contract/db.contract.ts";
import { describeWith } from "../services-available.ts";
import { embeddedTemplate } from "./embedded-template.ts";
import { emptyDatabase } from "./open-test-store.ts";

dbContract("PGlite", async () => {
  const opened = await openPglite({
    dataDir: undefined,
    searchPath: "public",
    template: await embeddedTemplate(),
  });
  return { db: opened.db, [Symbol.asyncDispose]: () => opened.close() };
});

describeWith("postgres", "PostgreSQL", () => {
  dbContract("PostgreSQL", async () => {
    const opened = await openPostgres({ url: await emptyDatabase(), searchPath: "public" });
    return { db: opened.db, [Symbol.asyncDispose]: () => opened.close() };
  });
});
