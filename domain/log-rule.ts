// A user's rule about log lines: what to look for, where, and from how many lines on it is told.
import { z } from "zod";
import { severities } from "./finding.ts";
import { logLevels } from "./signal.ts";

/** Rules of the configuration and stored ones together. */
export const MOST_RULES = 100;
export const RULE_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/;
/** Matches are counted this far back. */
export const LONGEST_WITHIN_MS = 3_600_000;

export const logRuleSchema = z.object({
  name: z.string().regex(RULE_NAME),
  /** A regular expression in RE2's syntax. */
  match: z.string(),
  /** Absent: of every service. */
  service: z.string().optional(),
  /** This level and graver ones; absent: every line. */
  level: z.enum(logLevels).optional(),
  severity: z.enum(severities),
  /** So many lines within this time are told. */
  lines: z.int().min(1),
  withinMs: z.int().min(1).max(LONGEST_WITHIN_MS),
  /** What whoever is told should know or do. */
  hint: z.string().optional(),
});
export type LogRule = z.infer<typeof logRuleSchema>;
