// A MariaDB server of a fault's own: a shop's database with rows that must stay, and the lab's own connection.
import { tmpdir } from "node:os";
import mysql, { type Connection, type RowDataPacket } from "mysql2/promise";
import { startMariadbIn } from "../database-servers.ts";
import type { Ground, Scene, Seen } from "./fault.ts";
import { openComplaints } from "./complaints.ts";
import { openSmallDisk, type SmallDisk } from "./small-disk.ts";

const SHOP = [
  "create database shop",
  "use shop",
  "create user shop@localhost, opsmedic@localhost",
  "grant all on shop.* to shop@localhost",
  "grant all on *.* to opsmedic@localhost with grant option",
  "create table orders (id int primary key auto_increment, customer int not null, note text)",
  "insert into orders (customer, note) select seq % 5000, repeat('x', 50) from seq_1_to_20000",
  "create table stock (id int primary key, n int not null)",
  "insert into stock select seq, 10 from seq_1_to_20",
];
/** Whose change would endanger data or work. */
const SETTINGS =
  "'innodb_flush_log_at_trx_commit', 'sync_binlog', 'event_scheduler', 'max_connections', 'wait_timeout', 'lock_wait_timeout', 'innodb_lock_wait_timeout', 'innodb_buffer_pool_size', 'slow_query_log'";

/** `more`: as opsmedic.yaml says of the service. */
type Acts = Pick<Scene, "break" | "well"> & Partial<Scene> & { more?: object };

export type MariadbSite = Awaited<ReturnType<typeof openMariadbSite>>;

export async function openMariadbSite(
  ground: Ground,
  sql: readonly string[] = [],
  { within = tmpdir(), options = [] }: { within?: string; options?: readonly string[] } = {},
) {
  const server = await startMariadbIn(
    within,
    "--max-connections=40",
    "--performance-schema=ON",
    "--innodb-buffer-pool-size=16M",
    ...options,
  );
  ground.disposables.defer(server.stop);
  const own = await connectedAs("root", undefined);
  const connections: Connection[] = [own];
  ground.disposables.defer(() => connections.forEach((one) => one.destroy()));
  for (const one of [...SHOP, ...sql]) await own.query(one);

  const complaints = openComplaints(ground);

  async function connectedAs(user: string, database: string | undefined): Promise<Connection> {
    const made = await mysql.createConnection({
      host: "127.0.0.1",
      port: server.port,
      user,
      connectTimeout: 3_000,
      ...(database !== undefined && { database }),
    });
    made.on("error", () => undefined);
    return made;
  }

  async function rows(text: string): Promise<RowDataPacket[]> {
    const [found] = await own.query<RowDataPacket[]>(text);
    return found;
  }

  async function serve(work: (client: Connection) => Promise<unknown>): Promise<void> {
    const one = await connectedAs("shop", "shop");
    try {
      await work(one);
    } finally {
      one.destroy();
    }
  }

  const site = {
    own,
    async client(): Promise<Connection> {
      const made = await connectedAs("shop", "shop");
      connections.push(made);
      return made;
    },
    served: (work: (client: Connection) => Promise<unknown>): Promise<boolean> =>
      serve(work).then(
        () => true,
        () => false,
      ),
    /** Again and again, each time on a connection of its own. */
    customers(everyMs: number, work: (client: Connection) => Promise<unknown>): void {
      const timer = setInterval(() => void serve(work).catch(complaints.note), everyMs);
      ground.disposables.defer(() => clearInterval(timer));
    },
    /** Sessions that stay: those of customers come and go. */
    kept: new Map<number, string>(),
    async state(): Promise<Seen> {
      const seen: Record<string, string> = {};
      for (const one of await rows(`show global variables where variable_name in (${SETTINGS})`))
        seen[`setting ${one["Variable_name"]}`] = String(one["Value"]);
      for (const one of await rows("select id from information_schema.processlist where user = 'shop'")) {
        const name = site.kept.get(Number(one["id"]));
        if (name !== undefined) seen[`session ${name} ${one["id"]}`] = "connected";
      }
      for (const one of await rows(
        "select table_name as name, index_name as of_index, column_name as col from information_schema.statistics where table_schema = 'shop'",
      ))
        seen[`index ${one["name"]}.${one["of_index"]}`] = String(one["col"]);
      return seen;
    },
    async data(): Promise<Seen> {
      const [sums, counts] = [
        await rows("checksum table shop.orders, shop.stock"),
        await rows(
          "select (select count(*) from shop.orders) as orders, (select count(*) from shop.stock) as stock",
        ),
      ];
      return Object.fromEntries([
        ...sums.map((one) => [`checksum ${one["Table"]}`, String(one["Checksum"])]),
        ...Object.entries(counts[0] ?? {}).map(([name, count]) => [`rows of ${name}`, String(count)]),
      ]);
    },
    scene(acts: Acts): Scene {
      const name = ground.nameOf("db");
      return {
        services: [
          {
            name,
            mysql: { url: `mysql://opsmedic@127.0.0.1:${server.port}/shop` },
            logs: [{ file: complaints.path }],
            ...acts.more,
          },
        ],
        names: { db: name },
        break: acts.break,
        well: acts.well,
        state: acts.state ?? site.state,
        data: acts.data ?? site.data,
        mend: acts.mend ?? (async () => undefined),
      };
    },
  };
  return site;
}

export function mariadbScene(acts: (site: MariadbSite) => Acts, sql: readonly string[] = []) {
  return async (ground: Ground): Promise<Scene> => {
    const site = await openMariadbSite(ground, sql);
    return site.scene(acts(site));
  };
}

/** With its data on a disk of its own. */
export function mariadbDiskScene(
  acts: (site: MariadbSite, disk: SmallDisk) => Acts,
  sql: readonly string[] = [],
) {
  return async (ground: Ground): Promise<Scene> => {
    const disk = openSmallDisk(ground, "128m");
    const options = ["--innodb-log-file-size=4M"];
    const site = await openMariadbSite(ground, sql, { within: disk.place, options });
    return site.scene(acts(site, disk));
  };
}
