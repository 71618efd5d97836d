// The private PostgreSQL server is lab's, since the benchmarks start one too.
export * from "../../lab/postgres-server.ts";
