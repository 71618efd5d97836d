// A table of PostgreSQL whose rows are nearly a billion transactions old, as if it had never been vacuumed: the server's
// count is moved on for real. Until the fault begins its catalogue says that the table is young.
import { Client } from "pg";
import { inDatabase, type PostgresServer } from "../postgres-server.ts";

/** 47 % of the transactions that there are. */
const FAR = 954 * 2 ** 20;
/** Of the first transaction ever: whatever the rows are, they are not older. */
const FIRST = "'3'::xid";
/** Of one that is still to come: with such a number a server forgets nothing of old transactions, as it would with a young one. */
const LATER = "(pg_current_xact_id()::text::bigint + 1000000)::text::xid";
/** Its long values are in a table beside it. */
const partsOf = (table: string): string =>
  `(select unnest(array[oid, reltoastrelid]) from pg_class where oid = '${table}'::regclass)`;

/** Of the database shop; everything else on the server is young afterwards. No vacuum may come before the fault. */
export async function makeOldRows(server: PostgresServer, table: string): Promise<void> {
  await server.jumpTo(FAR);
  await inDatabase(server.url("postgres"), "alter database template0 allow_connections true");
  for (const name of ["template0", "template1", "postgres"])
    await inDatabase(server.url(name), "vacuum (freeze)");
  await inDatabase(server.url("postgres"), "alter database template0 allow_connections false");
  const shop = new Client({ connectionString: server.url("shop") });
  await shop.connect();
  try {
    const { rows } = await shop.query<{ names: string }>(
      `select string_agg(oid::regclass::text, ', ') as names from pg_class where relkind in ('r', 'm') and relname <> '${table}' and relpersistence = 'p'`,
    );
    await shop.query(`vacuum (freeze) ${rows[0]?.names}`);
    await shop.query(`update pg_class set relfrozenxid = ${LATER} where oid in ${partsOf(table)}`);
    await shop.query(`update pg_database set datfrozenxid = ${LATER} where datname = 'shop'`);
  } finally {
    await shop.end();
  }
}

/** The catalogue tells the truth of the table from now on: autovacuum sees it. */
export const tellOfTable = (table: string): string =>
  `update pg_class set relfrozenxid = ${FIRST} where oid in ${partsOf(table)}`;

/** And of the database, as everybody sees it. */
export const tellOfDatabase = `update pg_database set datfrozenxid = ${FIRST} where datname = 'shop'`;

/** Of the transaction ids that there are, so many are used up in the oldest database. */
export const usedUp = "select max(age(datfrozenxid))::float8 / 2147483648 as share from pg_database";
