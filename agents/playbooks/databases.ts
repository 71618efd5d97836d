// All playbooks of databases.
import type { Playbook } from "../../domain/playbook.ts";
import { databaseEngines } from "../../domain/database.ts";
import { loginRefused } from "./database-login.ts";
import * as heldTables from "./mysql-held-tables.ts";
import * as mysql from "./mysql-locks.ts";
import * as locks from "./postgres-locks.ts";
import * as tables from "./postgres-tables.ts";
import * as mysqlReplication from "./mysql-replication.ts";
import * as redisConnections from "./redis-connections.ts";
import * as redisMemory from "./redis-memory.ts";
import * as redisServer from "./redis-server.ts";
import { connectionsLeaked, connectionsLoad } from "./sql-connections.ts";
import { databaseDiskFull } from "./sql-disk.ts";
import { uselessIndex } from "./sql-indexes.ts";
import { postgresFreezeHeldBack, postgresTransactionIds, sequenceEnd } from "./sql-limits.ts";
import { missingObject, wrongSchema } from "./sql-objects.ts";
import { badSetting, cacheTooSmall, replicaCutOff, replicaLate } from "./sql-server.ts";

/** What PostgreSQL and MySQL have in common, each in its own words. */
const ofBoth = [
  connectionsLeaked,
  connectionsLoad,
  databaseDiskFull,
  missingObject,
  wrongSchema,
  sequenceEnd,
  uselessIndex,
  cacheTooSmall,
  badSetting,
  replicaCutOff,
  replicaLate,
];

export const databasePlaybooks: readonly Playbook[] = [
  ...ofBoth.flatMap((make) => [make("postgres"), make("mysql")]),
  ...databaseEngines.map(loginRefused),
  ...Object.values(locks),
  ...Object.values(tables),
  postgresTransactionIds,
  postgresFreezeHeldBack,
  ...Object.values(mysql),
  ...Object.values(heldTables),
  ...Object.values(mysqlReplication),
  ...Object.values(redisMemory),
  ...Object.values(redisServer),
  ...Object.values(redisConnections),
];
