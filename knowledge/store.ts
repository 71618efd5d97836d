// The whole memory at once: opens the database that the configuration names, brings it up to date, builds the stores.
import { join } from "node:path";
import type { Clock, MakeId } from "../domain/clock.ts";
import { makeApprovals } from "./approvals.ts";
import { makeAudit } from "./audit.ts";
import { makeCases } from "./cases.ts";
import { makeConversations } from "./conversations.ts";
import type { Db } from "./db.ts";
import { makeDecisions } from "./decisions.ts";
import { makeImportedRuns } from "./imported-runs.ts";
import { makeIncidentNotes } from "./incident-notes.ts";
import { makeIncidents } from "./incidents.ts";
import { makeJournal } from "./journal.ts";
import { makeLeases } from "./leases.ts";
import { makeObservations } from "./make-observations.ts";
import { migrate } from "./migrate.ts";
import type { Observations } from "./observations.ts";
import { type Lent, openPglite } from "./pglite-db.ts";
import type { PgPoolLike } from "./pool-db.ts";
import { openPostgres } from "./postgres-db.ts";
import type { Store } from "./records.ts";
import { rememberedTokens } from "./remembered-tokens.ts";
import { makeRemediation } from "./remediation.ts";
import { makeRetention, type Retention } from "./retention.ts";
import { makeRuns } from "./runs.ts";
import { makeSettings } from "./settings.ts";
import { makeTellings } from "./tellings.ts";
import { makeTokens } from "./tokens.ts";
import { makeWatches } from "./watches.ts";

interface Deps {
  clock: Clock;
  makeId: MakeId;
}

export interface OpenStore {
  kind: "embedded" | "postgres";
  store: Store;
  retention: Retention;
  observations: Observations;
  db: Db;
  /** For LangGraph's checkpointer (schema "graph") and BullMQ's backend (schema "bullmq"). */
  pool: PgPoolLike;
  /** Ends the pool and frees the folder. Stop queue and graph first. Again: does nothing. */
  close(): Promise<void>;
}

/** The stores over a database that is already migrated. */
export function makeStore(db: Db, { clock, makeId }: Deps): Store {
  return {
    runs: makeRuns(db, clock),
    importedRuns: makeImportedRuns(db, clock),
    incidents: makeIncidents(db, makeId),
    notes: makeIncidentNotes(db, clock, makeId),
    tellings: makeTellings(db),
    journal: makeJournal(db, clock),
    remediation: makeRemediation(db),
    leases: makeLeases(db, clock),
    approvals: makeApprovals(db, clock),
    cases: makeCases(db),
    decisions: makeDecisions(db, makeId),
    watches: makeWatches(db, clock, makeId),
    audit: makeAudit(db, clock),
    settings: makeSettings(db, clock),
    tokens: makeTokens(db, clock),
    conversations: makeConversations(db, clock, makeId),
  };
}

/** The embedded store's own folder inside opsmedic's data folder. */
export function embeddedFolder(dataDir: string): string {
  return join(dataDir, "store");
}

/**
 * Opens and migrates: PostgreSQL where `url` is given (not empty), else the embedded store under `dataDir`
 * (undefined: in memory). HealError "store-locked", "store-corrupt", "store-too-new", "store-not-writable",
 * "store-unreachable", "store-refused", "store-too-old", "migration-changed", "migration-failed".
 */
export async function openStore(
  options: {
    dataDir: string | undefined;
    url?: string | undefined;
    /** Connections to a PostgreSQL server at most. */
    max?: number;
    /** A dumped data folder for tests; see openPglite. */
    warmTemplate?: Blob;
    /** A database in memory that is open already; see openPglite. */
    lent?: Lent;
  },
  deps: Deps,
): Promise<OpenStore> {
  const { dataDir, url = "", max, warmTemplate, lent } = options;
  const opened =
    url === ""
      ? await openPglite({
          dataDir: dataDir === undefined ? undefined : embeddedFolder(dataDir),
          ...(warmTemplate === undefined ? {} : { template: warmTemplate }),
          ...(lent === undefined ? {} : { lent }),
        })
      : await openPostgres({ url, ...(max === undefined ? {} : { max }) });
  try {
    await migrate(opened.db);
  } catch (error) {
    await opened.close();
    throw error;
  }
  const kind = url === "" ? "embedded" : "postgres";
  const store = makeStore(opened.db, deps);
  return {
    kind,
    store: kind === "embedded" ? { ...store, tokens: rememberedTokens(store.tokens) } : store,
    retention: makeRetention(opened.db),
    observations: makeObservations(opened.db, deps.clock),
    db: opened.db,
    pool: opened.pool,
    close: () => opened.close(),
  };
}
