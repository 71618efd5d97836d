// What a test says to an opsmedic process of the crash tests, and what it hears back.
import type { CaseRecord, IncidentRecord, JournalEntry, Lease, RunRecord } from "../../knowledge/records.ts";
import type { Site } from "./shop.ts";

export type Order =
  /** Finishes what an earlier process left behind. */
  | { do: "recover"; site: Site }
  /** One run; stops itself at a boundary where one is given. */
  | { do: "heal"; site: Site; stopAt?: number; how?: "kill" | "freeze" }
  | { do: "forget"; site: Site };

export interface Evidence {
  runs: RunRecord[];
  journal: JournalEntry[];
  halfDone: JournalEntry[];
  incidents: IncidentRecord[];
  cases: CaseRecord[];
  backups: { ok: boolean; problems: string[] }[];
  leases: Lease[];
}

export type Reply =
  | { did: "recover" | "heal"; evidence: Evidence; boundaries: string[] }
  | { did: "forget" }
  | { did: "freezing" }
  | { did: "failed"; why: string };
