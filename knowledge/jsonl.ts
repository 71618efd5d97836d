// The knowledge base as JSON lines: one case a line, with the outcome fields that other tools use, and ours beside them.
import { createHash } from "node:crypto";
import { z } from "zod";
import { HealError } from "../domain/errors.ts";
import { sameCase } from "./entries.ts";
import { entryOutcomes, type KnowledgeEntry } from "./entry-records.ts";
import type { NewEntry } from "./entry-rows.ts";
import { termsOf } from "./search/terms.ts";
import { LONGEST_SYMPTOM, masked, MOST_SYMPTOMS, symptomLines } from "./symptom-lines.ts";

const text = (longest: number) => z.string().max(longest);
const name = text(200).min(1);

export const caseLine = z.object({
  timestamp: z.iso.datetime({ offset: true }),
  /** Our playbook. */
  issue_type: name,
  /** Our fix. */
  fix_type: text(400),
  /** Percent. */
  original_confidence: z.number().min(0).max(100).nullable().default(null),
  result_status: z.enum(entryOutcomes).optional(),
  validation_status: z.enum(["passed", "failed", "not_run"]).optional(),
  success: z.boolean(),
  error_count_after: z.int().min(0).max(1_000_000).nullable().default(null),
  id: z
    .string()
    .regex(/^[\w-]{1,80}$/)
    .optional(),
  title: text(400).optional(),
  symptoms: z.array(text(20_000)).max(50).default([]),
  vocabulary: z.array(text(200)).max(50).default([]),
  cause: text(2_000).default(""),
  target_kind: name.default("any"),
  service: name.nullable().default(null),
  run_id: name.nullable().default(null),
  origin: name.optional(),
  used: z.int().min(0).max(1_000_000).optional(),
  worked: z.int().min(0).max(1_000_000).optional(),
  disabled: z.boolean().default(false),
});
export type CaseLine = z.infer<typeof caseLine>;

export function asLine(entry: KnowledgeEntry): string {
  const { outcome, scoreBp, errorsAfter } = entry;
  const line: CaseLine = {
    timestamp: new Date(entry.at).toISOString(),
    issue_type: entry.playbook || "unknown",
    fix_type: entry.fix,
    original_confidence: scoreBp === null ? null : scoreBp / 100,
    result_status: outcome,
    validation_status: outcome === "healed" ? "passed" : tried(outcome) ? "failed" : "not_run",
    success: outcome === "healed",
    error_count_after: errorsAfter,
    id: entry.id,
    title: entry.title,
    symptoms: entry.symptoms,
    vocabulary: entry.vocabulary,
    cause: entry.cause,
    target_kind: entry.targetKind,
    service: entry.service,
    run_id: entry.runId,
    origin: entry.origin,
    used: entry.used,
    worked: entry.worked,
    disabled: entry.disabled,
  };
  return JSON.stringify(line);
}

export const tried = (outcome: KnowledgeEntry["outcome"]): boolean =>
  outcome === "healed" || outcome === "not-healed" || outcome === "worse";

const MOST_COMPLAINTS = 20;
export const MOST_LINES = 100_000;

/** Every line, or HealError "import-invalid" with the numbers of the lines that are wrong. */
export function readLines(jsonl: string): CaseLine[] {
  const complaints: string[] = [];
  const lines: CaseLine[] = [];
  const rows = jsonl.split("\n");
  if (rows.length > MOST_LINES + 1) throw invalid([`more than ${MOST_LINES} lines`]);
  for (const [place, row] of rows.entries()) {
    if (row.trim() === "") continue;
    const read = readLine(row);
    if (typeof read === "string") complaints.push(`line ${place + 1}: ${read}`);
    else lines.push(read);
  }
  if (complaints.length > 0) throw invalid(complaints);
  return lines;
}

function readLine(row: string): CaseLine | string {
  let value: unknown;
  try {
    value = JSON.parse(row);
  } catch {
    return "no JSON";
  }
  const read = caseLine.safeParse(value);
  if (!read.success)
    return read.error.issues.map((one) => `${one.path.join(".") || "line"}: ${one.message}`).join("; ");
  const { success, result_status } = read.data;
  if (result_status !== undefined && success !== (result_status === "healed"))
    return `success: ${success} does not fit result_status ${result_status}`;
  return read.data;
}

function invalid(complaints: readonly string[]): HealError {
  const more = complaints.length - MOST_COMPLAINTS;
  const shown = [...complaints.slice(0, MOST_COMPLAINTS), ...(more > 0 ? [`and ${more} more`] : [])];
  return new HealError(`Nothing was imported:\n${shown.join("\n")}`, {
    code: "import-invalid",
    hint: "Each line is one JSON object with timestamp, issue_type, fix_type and success; mend these lines and import again.",
  });
}

/** As an entry; the same line always gives the same one. Its outcomes are others', unless `own`. */
export function entryOf(line: CaseLine, own: boolean, now: number): NewEntry {
  const symptoms = symptomLines(line.symptoms.length > 0 ? line.symptoms : [line.title ?? line.issue_type]);
  const terms = symptoms.flatMap((one) => termsOf(one).words).sort();
  const key = sameCase(line.issue_type, line.fix_type, line.target_kind, [...new Set(terms)].join(" "));
  const at = Date.parse(line.timestamp);
  const outcome = outcomeOf(line);
  return {
    id: line.id ?? `kb_${createHash("sha256").update(key).digest("hex").slice(0, 20)}`,
    sameAs: key,
    origin: "imported",
    title: masked(line.title ?? `${line.issue_type}: ${symptoms[0] ?? ""}`).slice(0, LONGEST_SYMPTOM),
    symptoms: symptoms.slice(0, MOST_SYMPTOMS),
    vocabulary: line.vocabulary.map(masked),
    playbook: line.issue_type,
    cause: masked(line.cause),
    fix: masked(line.fix_type),
    outcome,
    targetKind: line.target_kind,
    service: line.service,
    runId: null,
    scoreBp: line.original_confidence === null ? null : Math.round(line.original_confidence * 100),
    errorsAfter: line.error_count_after,
    disabled: line.disabled,
    version: 1,
    used: own && tried(outcome) ? Math.max(1, line.used ?? 1) : 0,
    worked: own && outcome === "healed" ? Math.min(line.worked ?? 1, Math.max(1, line.used ?? 1)) : 0,
    firstAt: at,
    at,
    changedAt: now,
  };
}

/** Without a status, `success` is one. */
export const outcomeOf = ({ result_status, success }: CaseLine): KnowledgeEntry["outcome"] =>
  result_status ?? (success ? "healed" : "not-healed");
