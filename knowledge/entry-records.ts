// What the knowledge base holds: cases lived through here, general ones, those of others, and what a person added.
import type { JsonObject } from "../domain/json.ts";
import type { RecalledCase } from "./recall.ts";

export const entryOrigins = ["learned", "starter", "imported", "added"] as const;
export type EntryOrigin = (typeof entryOrigins)[number];
export const entryOutcomes = ["healed", "not-healed", "worse", "escalated", "rejected", "known"] as const;
export type EntryOutcome = RecalledCase["outcome"];

/** What a person may write and change. */
export interface EntryContent {
  title: string;
  /** Symptom lines, masked; at most 12 of at most 400 characters. */
  symptoms: string[];
  /** What people call it. */
  vocabulary: string[];
  playbook: string;
  cause: string;
  fix: string;
}

export interface KnowledgeEntry extends EntryContent {
  id: string;
  origin: EntryOrigin;
  /** The last one. */
  outcome: EntryOutcome;
  /** "docker", "postgres", …; "any" for what happens everywhere. */
  targetKind: string;
  service: string | null;
  /** The last run that it comes from. */
  runId: string | null;
  /** Of the last outcome: the diagnosis' score and how many of the validation's checks failed; null where unknown. */
  scoreBp: number | null;
  errorsAfter: number | null;
  disabled: boolean;
  /** Raised with every change by a person. */
  version: number;
  /** How often its fix was tried here, and how often that healed. */
  used: number;
  worked: number;
  firstAt: number;
  /** Of the last outcome. */
  at: number;
  changedAt: number;
}

/** A run that met the case. */
export interface EntryUse {
  runId: string;
  incidentId: string | null;
  service: string;
  outcome: EntryOutcome;
  at: number;
}

export interface EntryVersion {
  version: number;
  at: number;
  by: string;
  change: JsonObject;
}

/** One outcome as the learning agent files it. */
export interface Lived extends Pick<EntryContent, "title" | "symptoms" | "playbook" | "cause" | "fix"> {
  /** Normalised text of the main symptom: with playbook, fix and kind of target it tells whether a case is known. */
  sameAs: string;
  targetKind: string;
  service: string;
  runId: string;
  incidentId: string | null;
  outcome: Exclude<EntryOutcome, "known">;
  scoreBp: number;
  errorsAfter: number | null;
  at: number;
}

export interface EntryFilter {
  kind?: string | undefined;
  outcome?: EntryOutcome | undefined;
  disabled?: boolean | undefined;
}
