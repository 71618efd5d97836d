// Every detector of what goes on inside databases, one symptom each.
import type { Detector } from "../detector.ts";
import { badSetting } from "./bad-setting.ts";
import { blockedClients } from "./blocked-clients.ts";
import { blockedSessions } from "./blocked-sessions.ts";
import { bloat } from "./bloat.ts";
import { cacheMisses } from "./cache-misses.ts";
import { connections } from "./connections.ts";
import { dataDisk } from "./data-disk.ts";
import { deadlocks } from "./deadlocks.ts";
import { evictions } from "./evictions.ts";
import { eventsOff } from "./events-off.ts";
import { fragmentation } from "./fragmentation.ts";
import { missingObject } from "./missing-object.ts";
import { notSaved } from "./not-saved.ts";
import { outputBuffers } from "./output-buffers.ts";
import { replication } from "./replication.ts";
import { sequenceEnd } from "./sequence-end.ts";
import { slowQueries } from "./slow-queries.ts";
import { staleStatistics } from "./stale-statistics.ts";
import { storeFull } from "./store-full.ts";
import { transactionIds } from "./transaction-ids.ts";
import { uselessIndex } from "./useless-index.ts";

export const databaseDetectors: readonly Detector[] = [
  badSetting,
  blockedClients,
  blockedSessions,
  bloat,
  cacheMisses,
  connections,
  dataDisk,
  deadlocks,
  evictions,
  eventsOff,
  fragmentation,
  missingObject,
  notSaved,
  outputBuffers,
  replication,
  sequenceEnd,
  slowQueries,
  staleStatistics,
  storeFull,
  transactionIds,
  uselessIndex,
];
