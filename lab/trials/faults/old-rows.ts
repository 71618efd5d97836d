// PostgreSQL on its way to its last transaction id: rows that nobody has frozen for a billion transactions.
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Seen } from "../fault.ts";
import { makeOldRows, tellOfDatabase, tellOfTable, usedUp } from "../old-rows.ts";
import { type PostgresChoices, type PostgresSite, postgresScene } from "../postgres-site.ts";

/** No autovacuum comes by itself before the fault. */
const oldOrders = (...settings: string[]): PostgresChoices => ({
  settings,
  sql: ["alter table orders set (autovacuum_enabled = off)", "alter system set autovacuum_naptime = '1h'"],
  prepare: (server) => makeOldRows(server, "orders"),
});

const areYoung = async (site: PostgresSite): Promise<boolean> =>
  Number((await site.own.query(usedUp)).rows[0].share) < 0.3;

/** With this cost limit it comes to its end after some minutes. */
const autovacuum =
  "select from pg_stat_activity where query like 'autovacuum: VACUUM public.orders (to prevent wraparound)'";
const isFreezing = async (site: PostgresSite): Promise<boolean> =>
  (await site.own.query(autovacuum)).rowCount === 1;

const ages = `
select 'frozen orders' as name, relfrozenxid::text as value from pg_class where relname = 'orders'
union all select 'vacuum by ' || application_name, 'under way' from pg_stat_activity
where backend_type = 'client backend' and state = 'active' and query like 'VACUUM%'`;

const withAges = (site: PostgresSite) => async (): Promise<Seen> => {
  const { rows } = await site.own.query<{ name: string; value: string }>(ages);
  return { ...(await site.state()), ...Object.fromEntries(rows.map((one) => [one.name, one.value])) };
};

export const oldRowFaults: readonly Fault[] = [
  {
    kind: "plain",
    needs: "postgres",
    right: "healed",
    causes: [{ role: "db", playbooks: ["postgres-transaction-ids"] }],
    name: "postgres-transaction-ids",
    title: "Nobody has frozen a table: 47 % of the transaction ids are used up, and no autovacuum comes.",
    may: ["frozen orders", "vacuum by opsmedic"],
    stage: postgresScene(
      (site) => ({
        break: async () => {
          await site.own.query(tellOfTable("orders"));
          await site.own.query(tellOfDatabase);
        },
        well: () => areYoung(site),
        state: withAges(site),
      }),
      oldOrders("autovacuum_freeze_max_age=2000000000"),
    ),
  },
  {
    kind: "decoy",
    needs: "postgres",
    right: "nothing",
    name: "postgres-old-rows-being-frozen",
    title: "A table is as old, and an autovacuum freezes it already, slowly.",
    stage: postgresScene(
      (site) => ({
        break: async () => {
          await site.own.query("alter system set autovacuum_naptime = '1s'");
          await site.own.query("select pg_reload_conf()");
          await site.own.query(tellOfTable("orders"));
          while (!(await isFreezing(site))) await sleep(50);
          await site.own.query(tellOfDatabase);
        },
        well: async () => (await areYoung(site)) || isFreezing(site),
        state: withAges(site),
      }),
      oldOrders("autovacuum_vacuum_cost_delay=100ms", "autovacuum_vacuum_cost_limit=1"),
    ),
  },
];
