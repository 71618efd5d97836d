// The shop of docker-compose.yml: one small web service on a real PostgreSQL and a real Redis, there to be
// killed. Every order is a row; the start page is counted in the cache.
import { createServer, type ServerResponse } from "node:http";
import { Redis } from "ioredis";
import { Pool } from "pg";

const port = Number(process.env["PORT"] ?? 3000);
const db = new Pool({
  connectionString: process.env["SHOP_DB_URL"],
  max: 5,
  connectionTimeoutMillis: 2_000,
});
const cache = new Redis(process.env["SHOP_CACHE_URL"] ?? "redis://shop-cache:6379", {
  maxRetriesPerRequest: 1,
});

db.on("error", (error) =>
  console.error(JSON.stringify({ level: "error", msg: `database: ${error.message}` })),
);
cache.on("error", (error) =>
  console.error(JSON.stringify({ level: "error", msg: `cache: ${error.message}` })),
);

const pages: Record<string, () => Promise<object>> = {
  "/healthz": async () => {
    await Promise.all([db.query("select 1"), cache.ping()]);
    return { status: "ok" };
  },
  "/": async () => ({ visits: await cache.incr("visits") }),
  "/checkout": async () => {
    const { rows } = await db.query("insert into orders default values returning id");
    return { order: rows[0] };
  },
};

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const server = createServer((request, response) => {
  const began = performance.now();
  const path = new URL(request.url ?? "/", "http://shop").pathname;
  const page = pages[path] ?? (() => Promise.reject(new Error("no such page")));
  page()
    .then((body) => answer(response, 200, body))
    .catch((error: unknown) => answer(response, pages[path] ? 500 : 404, { error: String(error) }))
    .finally(() => {
      const ms = Math.round(performance.now() - began);
      console.log(JSON.stringify({ level: "info", msg: `GET ${path} ${response.statusCode} ${ms}ms` }));
    });
});

await db.query(
  "create table if not exists orders (id bigint generated always as identity primary key, at timestamptz default now())",
);
server.listen(port, () => console.log(JSON.stringify({ level: "info", msg: `shop listens on ${port}` })));
process.once("SIGTERM", () => server.close(() => process.exit(0)));
