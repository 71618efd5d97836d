// A PostgreSQL server of a fault's own: a shop's database with rows that must stay, clients with names, and the lab's own
// connection that sees every session, index and setting.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, type ClientBase } from "pg";
import { inDatabase, type PlaceChoices, type PostgresServer, startPostgres } from "../postgres-server.ts";
import { openComplaints } from "./complaints.ts";
import type { Ground, Scene, Seen } from "./fault.ts";
import { openSmallDisk, type SmallDisk } from "./small-disk.ts";

const SHOP = [
  "create table orders (id serial primary key, customer int not null, note text)",
  "insert into orders (customer, note) select g % 5000, repeat('x', 50) from generate_series(1, 60000) g",
  "create table stock (id int primary key, n int not null)",
  "insert into stock select g, 10 from generate_series(1, 20) g",
  "analyze",
  "grant all on all tables in schema public to shop",
  "grant all on all sequences in schema public to shop",
];

const SEEN = {
  "index ": `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) || ' ' || indisvalid as value
    from pg_index join pg_class on pg_class.oid = indrelid where relnamespace = 'public'::regnamespace`,
  "setting ":
    "select name, setting as value from pg_settings where source in ('configuration file', 'database', 'user')",
  // All have names here; one that has only just begun shows none yet.
  "session ": `select application_name || ' ' || pid as name, 'connected' as value from pg_stat_activity
    where backend_type = 'client backend' and usename = 'shop' and application_name <> ''`,
  "table ": `select relname as name, relkind::text as value from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm', 'S')`,
};

/** `more`: as opsmedic.yaml says of the service. */
type Acts = Pick<Scene, "break" | "well"> & Partial<Scene> & { more?: object };

export type PostgresSite = Awaited<ReturnType<typeof openPostgresSite>>;

export interface PostgresChoices extends PlaceChoices {
  settings?: readonly string[];
  /** Statements of the fault's own, run after the shop's. */
  sql?: readonly string[];
  /** Files of the shop's own migrations, by name. */
  migrations?: Readonly<Record<string, string>>;
  /** What is done to the server when all is in it, before anybody is connected. */
  prepare?: (server: PostgresServer) => Promise<void>;
}

export async function openPostgresSite(
  ground: Ground,
  {
    settings = [],
    sql = [],
    migrations = {},
    prepare = async () => undefined,
    ...place
  }: PostgresChoices = {},
) {
  const folder = join(ground.folder, "migrations");
  mkdirSync(folder);
  for (const [name, text] of Object.entries(migrations)) writeFileSync(join(folder, name), text);
  const server = ground.disposables.use(
    await startPostgres({
      ...place,
      durable: true, // what makes tests quick endangers data, and would be found
      settings: [
        "shared_preload_libraries=pg_stat_statements",
        "shared_buffers=32MB",
        "deadlock_timeout=100ms",
        ...settings,
      ],
    }),
  );
  const admin = server.url("postgres");
  await inDatabase(admin, "create role shop login; create role opsmedic login superuser");
  await inDatabase(admin, "create database shop owner shop");
  const url = server.url("shop");
  for (const one of ["create extension pg_stat_statements", ...SHOP, ...sql]) await inDatabase(url, one);
  await prepare(server);
  const own = await opened(url, "lab");
  const clients: Client[] = [];
  const complaints = openComplaints(ground);
  ground.disposables.defer(async () => {
    for (const one of [...clients, own]) void one.end().catch(() => undefined);
  });

  async function rows(text: string): Promise<{ name: string; value: string }[]> {
    return (await own.query<{ name: string; value: string }>(text)).rows;
  }

  const site = {
    ground,
    own,
    /** A client as the shop's programs are: neither superuser nor opsmedic. */
    async client(name: string): Promise<Client> {
      const made = await opened(url.replace("postgres@", "shop@"), name);
      clients.push(made);
      return made;
    },
    clients: (name: string, count: number): Promise<Client[]> =>
      Promise.all(Array.from({ length: count }, () => site.client(name))),
    /** Does `work` again and again, each time on a connection of its own, until the scene is mended. */
    customers(name: string, everyMs: number, work: (client: ClientBase) => Promise<unknown>): () => void {
      const timer = setInterval(() => {
        void serve(name, work).catch(complaints.note);
      }, everyMs);
      ground.disposables.defer(() => clearInterval(timer));
      return () => clearInterval(timer);
    },
    /** Whether a customer is served now. */
    served: (work: (client: ClientBase) => Promise<unknown>): Promise<boolean> =>
      serve("lab-customer", work).then(
        () => true,
        () => false,
      ),
    async state(): Promise<Seen> {
      const seen: Record<string, string> = {};
      for (const [prefix, text] of Object.entries(SEEN))
        for (const { name, value } of await rows(text)) {
          if (!/^(?:lab|customers)/.test(name)) seen[prefix + name] = value;
        }
      return seen;
    },
    async data(): Promise<Seen> {
      const tables = await rows(
        "select relname as name, '' as value from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1",
      );
      const sums = tables.map(async ({ name }) => {
        const text = `select count(*) || ' rows, ' || coalesce(md5(string_agg(md5(t::text), '' order by t::text)), '') as value from "${name}" t`;
        return [`table ${name}`, (await own.query<{ value: string }>(text)).rows[0]?.value ?? ""];
      });
      return Object.fromEntries(await Promise.all(sums)) as Seen;
    },
    scene(acts: Acts): Scene {
      const name = ground.nameOf("db");
      return {
        services: [
          {
            name,
            postgres: {
              url: url.replace("postgres@", "opsmedic@"),
              migrations: { files: `${folder}/*.sql`, role: "shop" },
            },
            logs: [{ file: complaints.path }],
            ...acts.more,
          },
          ...(acts.services ?? []),
        ],
        names: { db: name, ...acts.names },
        break: acts.break,
        well: acts.well,
        state: acts.state ?? site.state,
        data: acts.data ?? site.data,
        mend: acts.mend ?? (async () => undefined),
      };
    },
  };

  async function serve(name: string, work: (client: ClientBase) => Promise<unknown>): Promise<void> {
    const one = await opened(url.replace("postgres@", "shop@"), name);
    try {
      await work(one);
    } finally {
      await one.end().catch(() => undefined);
    }
  }
  return site;
}

async function opened(url: string, name: string): Promise<Client> {
  const made = new Client({ connectionString: url, application_name: name, connectionTimeoutMillis: 3_000 });
  made.on("error", () => undefined);
  await made.connect();
  return made;
}

export function postgresScene(
  acts: (site: PostgresSite) => Acts,
  choices: PostgresChoices = {},
): (ground: Ground) => Promise<Scene> {
  return async (ground) => {
    const site = await openPostgresSite(ground, choices);
    return site.scene(acts(site));
  };
}

/** With its data on a disk of its own. */
export function postgresDiskScene(acts: (site: PostgresSite, disk: SmallDisk) => Acts) {
  return async (ground: Ground): Promise<Scene> => {
    const disk = openSmallDisk(ground, "112m");
    const settings = ["max_wal_size=4MB", "min_wal_size=2MB"];
    const site = await openPostgresSite(ground, {
      within: disk.place,
      initdb: ["--wal-segsize=1"],
      settings,
    });
    return site.scene(acts(site, disk));
  };
}
