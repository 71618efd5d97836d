// One database in memory serves several tests, which must not notice.
import { expect, it } from "vitest";
import { openTestStore, type TestStore } from "./open-test-store.ts";

const process = async ({ db }: TestStore) => db.query("select pg_postmaster_start_time() as since");
const shape = async ({ db }: TestStore) =>
  db.query("select column_name from information_schema.columns where table_name = 'settings' order by 1");
const everything = async ({ db }: TestStore): Promise<Record<string, unknown>> => {
  const tables = await db.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'opsmedic'",
  );
  const rows: Record<string, unknown> = {};
  for (const { name } of tables)
    rows[name] = await db.query(`select to_jsonb(one) - 'applied_at' as row from ${name} as one`);
  rows["sequences"] = await db.query("select sequencename, last_value from pg_sequences order by 1");
  return rows;
};

const record = ({ audit }: TestStore["store"]) =>
  audit.append({ actor: "ana", door: "api", action: "pause", target: "shop", detail: {} });

it("is as a fresh one is, whatever was written to it", async () => {
  const first = await openTestStore("pglite");
  const [born, fresh] = [await process(first), await everything(first)];
  await record(first.store);
  await first.db.query("select nextval('opsmedic.lease_tokens')");
  await first.db.query("set work_mem = '1MB'");
  expect(await everything(first)).not.toEqual(fresh);
  await first.close();

  await using second = await openTestStore("pglite");
  expect(await process(second)).toEqual(born);
  expect(await everything(second)).toEqual(fresh);
  expect(await second.db.query("show work_mem")).toEqual([{ work_mem: "4MB" }]);
});

it("is closed to whoever had it before, also in the midst of a transaction", async () => {
  const first = await openTestStore("pglite");
  const left = await first.pool.connect();
  await left.query("begin");
  await left.query("select nextval('opsmedic.lease_tokens')");
  await first.close();
  await using second = await openTestStore("pglite");
  await expect(left.query("select 1")).rejects.toThrow("closed");
  await expect(first.db.query("select 1")).rejects.toMatchObject({ code: "store-closed" });
  expect(await second.db.query("select 1 as one")).toEqual([{ one: 1 }]);
});

it("has no successor where more than rows was changed", async () => {
  const first = await openTestStore("pglite");
  const [born, fresh] = [await process(first), await shape(first)];
  await first.db.query("alter table opsmedic.settings add column mark int");
  await first.close();
  await using second = await openTestStore("pglite");
  expect(await process(second)).not.toEqual(born);
  expect(await shape(second)).toEqual(fresh);
});
