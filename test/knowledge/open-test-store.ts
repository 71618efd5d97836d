// A store for one test, on either driver: `await using opened = await openTestStore("pglite")`.
import { afterAll } from "vitest";
import type { Clock, MakeId } from "../../domain/clock.ts";
import { createPglite } from "../../knowledge/pglite-db.ts";
import { type OpenStore, openStore } from "../../knowledge/store.ts";
import { embeddedTemplate } from "./embedded-template.ts";
import { borrowDatabase } from "./lent-databases.ts";
import { inDatabase, type PostgresServer, startPostgres } from "./postgres-server.ts";

export type StoreKind = "pglite" | "postgres";

/** A clock that stands still until a test moves it; sleeping moves it. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

export function makeTestClock(start = Date.parse("2026-01-05T12:00:00Z")): TestClock {
  let now = start;
  return {
    now: () => now,
    advance(ms) {
      now += ms;
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      now += ms;
    },
  };
}

/** "run-1", "inc-2", … in order of asking. */
export function makeTestIds(): MakeId {
  let count = 0;
  return (prefix) => `${prefix}-${(count += 1)}`;
}

export type TestStore = OpenStore & { clock: TestClock; makeId: MakeId } & AsyncDisposable;

/** Empty and migrated, in memory or in a database of its own; for postgres call it inside describeWith("postgres"). */
export async function openTestStore(
  kind: StoreKind,
  { clock = makeTestClock(), makeId = makeTestIds() }: { clock?: TestClock; makeId?: MakeId } = {},
): Promise<TestStore> {
  const where =
    kind === "pglite"
      ? { dataDir: undefined, lent: await borrowDatabase(freshInMemory) }
      : { dataDir: undefined, url: await freshDatabase() };
  const opened = await openStore(where, { clock, makeId });
  return { ...opened, clock, makeId, [Symbol.asyncDispose]: () => opened.close() };
}

const freshInMemory = async () => createPglite(undefined, await embeddedTemplate());

let server: Promise<PostgresServer> | undefined;
let databases = 0;

/** One server a test file, started at the first need. */
export function sharedPostgres(): Promise<PostgresServer> {
  server ??= startPostgres();
  return server;
}

/** An empty database; not migrated. */
export async function emptyDatabase(): Promise<string> {
  databases += 1;
  return (await sharedPostgres()).createDatabase(`empty_${databases}`);
}

async function freshDatabase(): Promise<string> {
  const shared = await sharedPostgres();
  migrated ??= makeMigrated(shared);
  const template = await migrated;
  databases += 1;
  return shared.createDatabase(`test_${databases}`, template);
}

let migrated: Promise<string> | undefined;

async function makeMigrated(shared: PostgresServer): Promise<string> {
  const url = await shared.createDatabase("migrated");
  const opened = await openStore(
    { dataDir: undefined, url },
    { clock: makeTestClock(), makeId: makeTestIds() },
  );
  await opened.close();
  // A copy needs a source that nobody is connected to.
  await inDatabase(shared.url("postgres"), "alter database migrated with allow_connections false");
  return "migrated";
}

afterAll(async () => {
  await (await server?.catch(() => undefined))?.[Symbol.asyncDispose]();
});
