// Every observation of the inside of a database.
import { databaseDiskObservers } from "./database-disk.ts";
import { databaseNumberObservers } from "./database-numbers.ts";
import { databaseSettingObservers } from "./database-settings.ts";
import { keptObjectObservers } from "./kept-object.ts";
import { ownMigrationObservers } from "./own-migration.ts";
import { ownIndexObservers } from "./own-indexes.ts";
import { postgresRepairObservers } from "./postgres-repairs.ts";
import type { Observer } from "./observer.ts";
import { keptRowsObservers } from "./kept-rows.ts";
import { mysqlHeldTableObservers } from "./mysql-held-tables.ts";
import { mysqlReplicationObservers } from "./mysql-replication.ts";
import { mysqlRepairObservers } from "./mysql-repairs.ts";
import { redisRepairObservers } from "./redis-repairs.ts";
import { redisObservers } from "./redis.ts";
import { sqlSessionObservers } from "./sql-sessions.ts";
import { sqlTableObservers } from "./sql-tables.ts";

export const databases: Record<string, Observer> = {
  ...databaseNumberObservers,
  ...databaseDiskObservers,
  ...databaseSettingObservers,
  ...sqlSessionObservers,
  ...sqlTableObservers,
  ...postgresRepairObservers,
  ...keptObjectObservers,
  ...ownMigrationObservers,
  ...ownIndexObservers,
  ...redisObservers,
  ...redisRepairObservers,
  ...mysqlRepairObservers,
  ...keptRowsObservers,
  ...mysqlReplicationObservers,
  ...mysqlHeldTableObservers,
};
