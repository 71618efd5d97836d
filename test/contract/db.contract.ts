// What every Db must do. A driver brings a fresh, empty database.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Db } from "../../knowledge/db.ts";

export type DbSite = { db: Db } & AsyncDisposable;

export function dbContract(name: string, open: () => Promise<DbSite>): void {
  describe(`${name} as a Db`, () => {
    it("keeps what a transaction wrote, and gives back what its work returned", async () => {
      await using site = await open();
      await site.db.query("create table t (n int)");
      const answer = await site.db.transaction(async (tx) => {
        await tx.query("insert into t values (1)");
        await tx.query("insert into t values (2)");
        return "done";
      });
      expect(answer).toBe("done");
      expect(await site.db.query("select n from t order by n")).toEqual([{ n: 1 }, { n: 2 }]);
    });

    it("forgets what a failed transaction wrote, and passes its error on", async () => {
      await using site = await open();
      await site.db.query("create table t (n int)");
      const failure = new Error("changed my mind");
      const attempt = site.db.transaction(async (tx) => {
        await tx.query("insert into t values (1)");
        throw failure;
      });
      await expect(attempt).rejects.toBe(failure);
      expect(await site.db.query("select n from t")).toEqual([]);
    });

    it("works on after a failing statement, alone and in a transaction", async () => {
      await using site = await open();
      await site.db.query("create table t (n int primary key)");
      await expect(site.db.query("select 1/0")).rejects.toMatchObject({ code: "22012" });
      await expect(site.db.query("not sql at all")).rejects.toMatchObject({ code: "42601" });
      const attempt = site.db.transaction(async (tx) => {
        await tx.query("insert into t values (1)");
        await tx.query("insert into t values (1)");
      });
      await expect(attempt).rejects.toMatchObject({ code: "23505" });
      await site.db.transaction(async (tx) => tx.query("insert into t values (7)"));
      expect(await site.db.query("select n from t")).toEqual([{ n: 7 }]);
    });

    it("does not call a transaction committed whose failure was swallowed", async () => {
      await using site = await open();
      await site.db.query("create table t (n int)");
      const attempt = site.db.transaction(async (tx) => {
        await tx.query("insert into t values (1)");
        await tx.query("select 1/0").catch(() => undefined);
      });
      await expect(attempt).rejects.toMatchObject({ code: "store-rolled-back" });
      expect(await site.db.query("select n from t")).toEqual([]);
    });

    it("runs one statement alone with settings of its own, and gives them back whatever comes of it", async () => {
      await using site = await open();
      await site.db.query("create table t (n int)");
      const setting = async () =>
        (await site.db.query<{ is: string }>("select current_setting('work_mem') as is"))[0]?.is;
      const before = await setting();
      await site.db.alone("create index concurrently t_n on t (n)", { work_mem: "17MB" });
      expect(await setting()).toBe(before);
      await expect(site.db.alone("select 1/0", { work_mem: "17MB" })).rejects.toMatchObject({
        code: "22012",
      });
      await expect(site.db.alone("select 1", { no_such_setting: "1" })).rejects.toMatchObject({
        code: "42704",
      });
      expect(await Promise.all(Array.from({ length: 12 }, setting))).toEqual(
        Array.from({ length: 12 }, () => before),
      );
      await site.db.alone(
        "do $$ begin if current_setting('work_mem') <> '17MB' then raise 'unset'; end if; end $$",
        {
          work_mem: "17MB",
        },
      );
    });

    it("refuses a query past the open transaction instead of waiting for ever", async () => {
      await using site = await open();
      const nested = site.db.transaction(async () => site.db.query("select 1"));
      await expect(nested).rejects.toMatchObject({ code: "store-nested" });
      const twice = site.db.transaction(async () => site.db.transaction(async () => 1));
      await expect(twice).rejects.toMatchObject({ code: "store-nested" });
      expect(await site.db.query("select 1 as one")).toEqual([{ one: 1 }]);
    });

    it("lets what a transaction left running go on once it has ended", async () => {
      await using site = await open();
      const gate = Promise.withResolvers<void>();
      let later: Promise<unknown> | undefined;
      await site.db.transaction(async (tx) => {
        later = gate.promise.then(() => site.db.query("select 2 as two"));
        await tx.query("select 1");
      });
      gate.resolve();
      expect(await later).toEqual([{ two: 2 }]);
    });

    it("keeps 50 queries and transactions apart that run at once", async () => {
      await using site = await open();
      await site.db.query("create table account (id int primary key, cents bigint not null)");
      await site.db.query("insert into account select n, 100 from generate_series(1, 5) as n");
      const move = async (n: number): Promise<void> => {
        const [from, to] = [(n % 5) + 1, ((n + 1) % 5) + 1];
        await site.db.transaction(async (tx) => {
          await tx.query("select 1 from account where id = any($1::int[]) order by id for update", [
            [from, to],
          ]);
          await tx.query("update account set cents = cents - 1 where id = $1", [from]);
          await sleep(n % 3);
          if (n % 7 === 0) throw new Error("refused");
          await tx.query("update account set cents = cents + 1 where id = $1", [to]);
        });
      };
      const sums = async (): Promise<unknown> =>
        (await site.db.query<{ sum: string }>("select sum(cents) as sum from account"))[0]?.sum;
      const outcomes = await Promise.allSettled(
        Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? move(n) : sums())),
      );
      const seen = outcomes.flatMap((one) =>
        one.status === "fulfilled" && one.value !== undefined ? [one.value] : [],
      );
      expect(seen).toEqual(Array.from({ length: 25 }, () => "500"));
      expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(4);
      expect(await sums()).toBe("500");
    });

    it("carries every type that we use, there and back", async () => {
      await using site = await open();
      const at = new Date("2026-11-21T08:00:00.123Z");
      const bytes = Buffer.from([0, 1, 2, 255, 0]);
      const json = { list: [1, "two", null, { deep: true }], text: "a\nb", number: 1.5e-7 };
      const [row] = await site.db.query(
        `select $1::bigint as big, $2::jsonb as json, $3::bytea as bytes, $4::timestamptz as at, $5::text as text,
           $6::float8 as real, $7::boolean as yes, $8::text[] as list, $9::text as nothing, $10::int as number`,
        [
          "9223372036854775807",
          JSON.stringify(json),
          bytes,
          at,
          "Grüße, 世界 👩‍🚒 \u0001",
          0.1,
          true,
          ["a,b", 'c"d', "NULL", ""],
          null,
          -5,
        ],
      );
      expect(row).toEqual({
        big: "9223372036854775807",
        json,
        bytes,
        at,
        text: "Grüße, 世界 👩‍🚒 \u0001",
        real: 0.1,
        yes: true,
        list: ["a,b", 'c"d', "NULL", ""],
        nothing: null,
        number: -5,
      });
    });

    it("refuses what it cannot hold with words that help", async () => {
      await using site = await open();
      const refused = { name: "HealError", code: "text-not-storable" };
      await expect(site.db.query("select $1::text", ["a\0b"])).rejects.toMatchObject(refused);
      await expect(site.db.query("select $1::jsonb", [JSON.stringify("a\0b")])).rejects.toMatchObject(
        refused,
      );
      expect(await site.db.query("select 1 as one")).toEqual([{ one: 1 }]);
    });

    it("runs a script of several statements and gives the rows of the last", async () => {
      await using site = await open();
      const rows = await site.db.query("create table t (n int); insert into t values (3); select n from t");
      expect(rows).toEqual([{ n: 3 }]);
    });

    it("does not change the caller's parameters, and takes many rows", async () => {
      await using site = await open();
      const params = Object.freeze([20_000]);
      const rows = await site.db.query<{ n: number }>(
        "select n from generate_series(1, $1::int) as n",
        params,
      );
      expect(rows).toHaveLength(20_000);
      expect(rows.at(-1)).toEqual({ n: 20_000 });
    });

    it("closes once, however often it is asked, and answers no more", async () => {
      const site = await open();
      await site.db.query("select 1");
      await Promise.all([site.db.close(), site.db.close()]);
      await expect(site.db.query("select 1")).rejects.toMatchObject({ code: "store-closed" });
      await site[Symbol.asyncDispose]();
    });
  });
}
