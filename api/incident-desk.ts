// What a person can ask and say about incidents, and about everything that was done to heal them.
import type { EvidenceItem } from "../agents/desk/evidence.ts";
import type { Postmortem } from "../agents/desk/postmortem.ts";
import type { Recommendations } from "../agents/desk/recommendations.ts";
import type { TimelineEntry } from "../agents/desk/timeline.ts";
import type { Diagnosis } from "../domain/diagnosis.ts";
import type { RecalledCase } from "../knowledge/recall.ts";
import type {
  ActionStats,
  DurationStats,
  IncidentNote,
  IncidentRecord,
  IncidentSearch,
  JournalEntry,
  RemediationRecord,
  RunRecord,
} from "../knowledge/records.ts";
import type { Actor } from "./operations.ts";

export interface IncidentPage {
  incidents: IncidentRecord[];
  /** All that fit, on whatever page. */
  total: number;
  limit: number;
  next_cursor: string | null;
}

export interface IncidentStory {
  incident: IncidentRecord;
  /** Incidents of dependants that are part of it. */
  parts: IncidentRecord[];
  /** Oldest first. */
  runs: RunRecord[];
  actions: JournalEntry[];
  /** Of the last run that came so far. */
  diagnosis: Diagnosis | null;
  recommendations: Recommendations;
  /** Oldest first: acknowledgements, resolutions, notes. */
  notes: IncidentNote[];
  acknowledged_by: string | null;
}

export interface IncidentStatsAnswer {
  total: number;
  by_type: Record<string, number>;
  by_severity: Record<string, number>;
  by_status: Record<string, number>;
  /** Mean time to detect: from the first symptom to the opening, ms. */
  mttd: DurationStats;
  /** Mean time to resolve: from the opening to RESOLVED, ms. */
  mttr: DurationStats;
  closed: number;
  auto_resolved: number;
  /** Of the closed ones, 0 to 1; null: none is closed. */
  auto_resolved_share: number | null;
  resolved_by_person: number;
}

export interface SimilarAnswer {
  /** Of the same signatures, newest first. */
  incidents: IncidentRecord[];
  /** What is remembered of symptoms like these, most similar first. */
  cases: RecalledCase[];
}

type Span = { from?: number; to?: number; service?: string };

export interface IncidentDesk {
  searchIncidents(query: IncidentSearch): Promise<IncidentPage>;
  /** `explain`: a language model may word the recommendations. HealError "not-found", as for all that name one. */
  incident(id: string, options?: { explain?: boolean }): Promise<IncidentStory>;
  /** Oldest first. */
  incidentTimeline(id: string): Promise<TimelineEntry[]>;
  /** The most telling first. */
  incidentEvidence(id: string): Promise<EvidenceItem[]>;
  similarIncidents(id: string, options: { limit: number }): Promise<SimilarAnswer>;
  /** `explain`: a language model may draft sentences; those that cite no record of the incident are dropped. */
  postmortem(
    id: string,
    options?: { explain?: boolean },
  ): Promise<{ postmortem: Postmortem; markdown: string }>;
  acknowledgeIncident(id: string, what: { text: string }, actor: Actor): Promise<IncidentNote>;
  /**
   * Closes it, and keeps the words with its cases: they are suggested the next time. `cause`: whether the stated cause was
   * the true one; the decisions about it are scored by that.
   */
  resolveIncident(
    id: string,
    what: { text: string; cause?: "right" | "wrong" },
    actor: Actor,
  ): Promise<IncidentRecord>;
  noteIncident(id: string, what: { text: string }, actor: Actor): Promise<IncidentNote>;
  incidentStats(query: Span): Promise<IncidentStatsAnswer>;
  remediationHistory(
    query: Span & { action?: string; limit: number; cursor?: string; offset?: number },
  ): Promise<{ actions: RemediationRecord[]; total: number; limit: number; next_cursor: string | null }>;
  remediationStats(query: Span): Promise<{ actions: ActionStats[] }>;
}
