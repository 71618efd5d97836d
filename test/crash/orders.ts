// What a test says to an opsmedic process of the crash tests, and what it hears back.
import type {
  AuditEntry,
  CaseRecord,
  IncidentRecord,
  JournalEntry,
  Lease,
  RunRecord,
} from "../../knowledge/records.ts";
import type { Site } from "./site.ts";

/** The n-th of that name in one run, from 1: two runs need not have the same ones before it. */
export interface Boundary {
  name: string;
  nth: number;
}

export type Order =
  /** Finishes what an earlier process left behind. */
  | { do: "recover"; site: Site }
  /** One run; kills itself at that boundary, or freezes itself at the first one of that name. */
  | { do: "heal"; site: Site; killAt?: Boundary; freezeAt?: string }
  /** Restores by hand what the healing changed; kills itself at that boundary. */
  | { do: "restore"; site: Site; killAt?: Boundary }
  | { do: "forget"; site: Site };

export interface Evidence {
  runs: RunRecord[];
  journal: JournalEntry[];
  halfDone: JournalEntry[];
  incidents: IncidentRecord[];
  cases: CaseRecord[];
  backups: { ok: boolean; problems: string[] }[];
  leases: Lease[];
  /** Oldest first. */
  audit: AuditEntry[];
}

export type Reply =
  | { did: "recover" | "heal" | "restore"; evidence: Evidence; boundaries: string[] }
  | { did: "forget" }
  | { did: "freeze" }
  | { did: "failed"; why: string };
