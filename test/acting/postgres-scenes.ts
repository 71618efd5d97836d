// A scene for each repair of PostgreSQL: a real server in which it has something to do, and beside it what it must leave.
import type { JsonObject } from "../../domain/json.ts";
import { inDatabase } from "../../lab/postgres-server.ts";
import type { FileHistory } from "../../tools/backup.ts";
import { type KeptTable, shapesIn, shapesSql, type TableShape } from "../../tools/schema-shapes.ts";
import { makeActions } from "../../tools/actions/catalogue.ts";
import type { ActionScene } from "../contract/action.contract.ts";
import { keptNothing } from "./kept-nothing.ts";
import { CRATES, cratesNow, cratesParams, senders } from "./crates.ts";
import { migrationFolder } from "./migration-folder.ts";
import { indexName } from "../../tools/actions/own-index.ts";
import type { PostgresWorld } from "./postgres-world.ts";

const indexes =
  "select c.relname, i.indisvalid, pg_get_indexdef(c.oid) as definition from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = 'orders'::regclass order by 1";

type OpenPostgresScene = (world: PostgresWorld) => Promise<ActionScene>;

export const postgresScenes: Record<string, OpenPostgresScene> = {
  "postgres-end-sessions": async (world) => {
    for (let count = 0; count < 3; count += 1)
      await (await world.client("checkout")).query("begin; select 1");
    void (await world.client("checkout")).query("select pg_sleep(60)").catch(() => undefined);
    await (await world.client("report")).query("begin; select 1");
    const params = { role: "shop", client: "checkout", address: "127.0.0.1" };
    return scene(world, "postgres-end-sessions", { params, world: sessions(world) });
  },
  "postgres-end-blocker": async (world) => {
    await world.admin.query("create table if not exists stock (id int primary key, n int)");
    await world.admin.query("truncate stock; insert into stock values (1, 1); grant all on stock to shop");
    await (await world.client("report")).query("begin; select 1");
    const root = await world.client("nightly");
    await root.query("begin; update stock set n = 2");
    const waiting = await world.client("checkout");
    void waiting.query("update stock set n = 3").catch(() => undefined);
    await until(world, "select from pg_stat_activity where wait_event_type = 'Lock'");
    const [one] = await world.rows(
      "select pid, extract(epoch from backend_start)::float8 * 1000 as started from pg_stat_activity where application_name = 'nightly'",
    );
    const params = { sessions: [{ pid: Number(one?.["pid"]), startedAt: Number(one?.["started"]) }] };
    // Whoever waited goes on, and is done when it is done.
    return scene(world, "postgres-end-blocker", { params, world: sessions(world, "checkout") });
  },
  "postgres-analyze": async (world) => {
    await orders(world, 20_000);
    return scene(world, "postgres-analyze", { params: { table: "public.orders" }, world: upkeep(world) });
  },
  "postgres-vacuum": async (world) => {
    await orders(world, 20_000, "update orders set note = 'y'");
    return scene(world, "postgres-vacuum", { params: { table: "public.orders" }, world: upkeep(world) });
  },
  "postgres-freeze": async (world) => {
    await oldRows(world);
    // Rows of medic's own tables only: of the catalogue it may freeze none, and all of it is young.
    return scene(world, "postgres-freeze", {
      params: { database: "postgres" },
      world: async () =>
        JSON.stringify(await world.rows("select id, note from old_rows")) + (await isOld(world)),
    });
  },
  "postgres-create-index": async (world) => {
    await orders(world, 20_000, "analyze orders");
    return scene(world, "postgres-create-index", {
      params: { table: "public.orders", column: "customer" },
      world: async () => JSON.stringify(await world.rows(indexes)),
    });
  },
  "postgres-drop-index": async (world) => {
    const params = { table: "public.orders", column: "customer" };
    await orders(world, 5_000, `create index ${indexName(params)} on orders (customer)`);
    return scene(world, "postgres-drop-index", {
      params,
      world: async () => JSON.stringify(await world.rows(indexes)),
    });
  },
  "postgres-widen-sequence": async (world) => {
    await invoices(world);
    const sql =
      "select data_type::text, max_value, last_value from pg_sequences where sequencename = 'invoices_id_seq'";
    return scene(world, "postgres-widen-sequence", {
      params: { sequence: "public.invoices_id_seq" },
      world: async () => JSON.stringify(await world.rows(sql)),
    });
  },
  "postgres-restore-object": async (world) => {
    await parcels(world);
    const history = await keptShapes(world);
    await world.admin.query("drop table parcels");
    return scene(world, "postgres-restore-object", {
      params: { table: "public.parcels", column: null },
      history,
      // Each repair remarks a number of its own.
      world: async () =>
        JSON.stringify((await shapesNow(world)).filter((one) => one.name === "parcels")).replace(
          /\[[0-9a-f-]{36}\]/,
          "[number]",
        ),
    });
  },
  "postgres-write-again": async (world) => {
    await quiet(world);
    const tables = "select relname, relpages from pg_class where oid >= 16384 order by 1";
    return scene(world, "postgres-write-again", {
      params: { tablespace: null },
      world: async () => JSON.stringify(await world.rows(tables)),
    });
  },
  "postgres-run-migration": async (world) => {
    await senders(world);
    const folder = migrationFolder({
      "0042_crates.sql": CRATES,
      "0041_senders.sql": "CREATE TABLE senders (id int)",
    });
    return scene(world, "postgres-run-migration", {
      params: cratesParams,
      database: { migrations: { ...folder.spec, role: "shop" } },
      world: () => cratesNow(world),
      dispose: () => folder[Symbol.dispose](),
    });
  },
  "postgres-make-table": async (world) => {
    await world.admin.query("drop table if exists carts");
    return scene(world, "postgres-make-table", {
      params: carts,
      world: async () =>
        JSON.stringify((await shapesNow(world)).filter(({ name }) => ["carts", "orders"].includes(name))),
    });
  },
  "postgres-set-setting": async (world) => {
    await setting(world, "alter system set autovacuum = off", "off");
    const params = { setting: "autovacuum", from: "off", to: "on" };
    const lines =
      "select name, setting, applied from pg_file_settings where sourcefile like '%auto.conf' order by seqno";
    return scene(world, "postgres-set-setting", {
      params,
      world: async () => JSON.stringify([await world.rows(lines), await world.rows("show autovacuum")]),
    });
  },
};

/** A table as a user's own playbook gives it. */
export const carts = {
  table: "public.carts",
  role: "shop",
  columns: [
    { name: "id", type: "bigint", identity: true },
    { name: "code", type: "varchar(12)", notNull: true },
    { name: "state", type: "text", default: "it's open" },
    { name: "made_at", type: "timestamp with time zone", notNull: true, default: "now()" },
    { name: "tags", type: "text[]" },
  ],
  primaryKey: ["id"],
};

/** What it wrote before is on the disk: the server's own writers have nothing to add. */
async function quiet(world: PostgresWorld): Promise<void> {
  await world.admin.query("checkpoint");
}

/** A table of the shop's that nobody keeps up. */
export async function orders(world: PostgresWorld, rows: number, ...more: string[]): Promise<void> {
  // On a connection that is closed after it: what it counted is told at its end, else after ten seconds.
  for (const sql of [
    "drop table if exists orders",
    "create table orders (id serial primary key, customer int, note text) with (autovacuum_enabled = off); alter table orders owner to shop",
    `insert into orders (customer, note) select g % 5000, repeat('x', 50) from generate_series(1, ${rows}) g`,
    ...more,
  ])
    await inDatabase(world.server.url("postgres"), sql);
}

/** A table with rows that are older than all others, by some thousand transactions. */
export async function oldRows(world: PostgresWorld): Promise<void> {
  const url = world.server.url("postgres");
  await inDatabase(url, "drop table if exists old_rows");
  await inDatabase(
    url,
    "create table old_rows (id int, note text) with (autovacuum_enabled = off); alter table old_rows owner to shop",
  );
  await inDatabase(url, "insert into old_rows select g, 'x' from generate_series(1, 100) g");
  await spendTransactions(world, 2_000);
  const [others] = await world.rows(
    "select string_agg(oid::regclass::text, ', ') as names from pg_class where relkind in ('r', 'm') and relname <> 'old_rows' and relpersistence = 'p'",
  );
  await inDatabase(url, `vacuum (freeze) ${String(others?.["names"])}`);
}

export async function spendTransactions(world: PostgresWorld, count: number): Promise<void> {
  await inDatabase(
    world.server.url("postgres"),
    `do $$ begin for n in 1..${count} loop perform pg_current_xact_id(); commit; end loop; end $$`,
  );
}

async function isOld(world: PostgresWorld): Promise<boolean> {
  const [row] = await world.rows(
    "select age(relfrozenxid) > 1000 as old from pg_class where relname = 'old_rows'",
  );
  return row?.["old"] === true;
}

/** A column that was made wider, and its sequence forgotten: the usual way in which numbers run out. */
export async function invoices(world: PostgresWorld): Promise<void> {
  await world.admin.query("drop table if exists invoices; create table invoices (id serial primary key)");
  await world.admin.query("alter table invoices alter id type bigint; alter table invoices owner to shop");
  await world.admin.query("select setval('invoices_id_seq', 2147483000)");
}

/** A table with something of everything. */
export async function parcels(world: PostgresWorld): Promise<void> {
  await world.admin.query(`drop table if exists parcels; drop table if exists senders;
    create table senders (id int primary key); alter table senders owner to shop;
    create table parcels (id serial primary key, sender int references senders, code varchar(12) not null unique,
      weight numeric(8, 2) default 1.5 check (weight > 0), doubled numeric generated always as (weight * 2) stored,
      seen timestamptz not null default now(), number int generated by default as identity);
    alter table parcels owner to shop; create index parcels_by_time on parcels (seen desc) where weight > 2;
    grant select, insert on parcels to keeper`);
}

export async function shapesNow(world: PostgresWorld): Promise<TableShape[]> {
  return shapesIn(await world.rows(shapesSql));
}

/** A history that has kept what is there now. */
export async function keptShapes(world: PostgresWorld): Promise<FileHistory> {
  const kept: KeptTable[] = (await shapesNow(world)).map((shape) => ({
    shape,
    goneSince: null,
    goneColumns: [],
  }));
  const files = kept.map((one) => ({ path: one.shape.name, content: JSON.stringify(one), mode: 0o600 }));
  return { ...keptNothing.fileHistory, lastGood: async () => ({ version: "v1", at: 1, files }) };
}

/** What a vacuum or an analyze leaves behind, without when. */
function upkeep(world: PostgresWorld): () => Promise<string> {
  const sql =
    "select n_dead_tup, n_mod_since_analyze, c.reltuples, last_vacuum is null as never from pg_stat_user_tables join pg_class c on c.oid = relid where c.relname = 'orders'";
  return async () => JSON.stringify(await world.rows(sql));
}

/** Sets it as an operator would, and waits until it is in force. */
export async function setting(world: PostgresWorld, sql: string, expected: string): Promise<void> {
  await world.admin.query(sql);
  await world.admin.query("select pg_reload_conf()");
  const [, , , name] = sql.split(" ");
  await until(world, `select from pg_settings where name = '${name}' and setting = '${expected}'`);
}

interface Props {
  params: JsonObject;
  world: () => Promise<string>;
  role?: string;
  history?: FileHistory;
  /** More of what the configuration says of the database. */
  database?: object;
  dispose?: () => void;
}

function scene(
  postgres: PostgresWorld,
  name: string,
  { params, world, role, history, database, dispose }: Props,
): ActionScene {
  const action = makeActions({ ...keptNothing, ...(history && { fileHistory: history }) }).get(name);
  if (action === undefined) throw new Error(`no action ${name}`);
  const context = postgres.context(role, { terminateIdleInTransactionAfterMs: 1, ...database });
  return {
    action,
    history,
    params,
    context,
    world,
    cut: postgres.cut,
    async [Symbol.asyncDispose]() {
      await postgres.clear();
      dispose?.();
    },
  };
}

/** Who is there, and whether it is idle: an ended one is gone some moments later. */
function sessions(world: PostgresWorld, but = ""): () => Promise<string> {
  const sql =
    "select application_name as name, state from pg_stat_activity where usename in ('shop', 'keeper') and application_name <> $1 order by 1, 2";
  return async () => {
    let before = "";
    for (;;) {
      const now = JSON.stringify(await world.rows(sql, [but]));
      if (now === before) return now;
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
}

/** Until the query gives a row; fails after 10 s. */
export async function until(world: PostgresWorld, sql: string): Promise<void> {
  for (const end = Date.now() + 10_000; (await world.rows(sql)).length === 0; ) {
    if (Date.now() > end) throw new Error(`it did not come true: ${sql}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
