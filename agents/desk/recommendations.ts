// Recommendations for an incident, above all for what only a person can change: by rules from diagnosis, playbook and
// history. A language model may word them better or add to them; it never changes a number.
import { z } from "zod";
import { type Diagnosis, type Hypothesis, isGuess } from "../../domain/diagnosis.ts";
import type { Finding } from "../../domain/finding.ts";
import type { Fix, Playbook } from "../../domain/playbook.ts";
import type { CaseRecord, IncidentRecord, WatchRecord } from "../../knowledge/records.ts";
import type { Model } from "../../tools/model.ts";
import { plainLine } from "../evidence/observer.ts";
import { missingOf } from "../fix-choice.ts";
import { filled } from "../hypothesis.ts";
import { recommendationsPrompt } from "../prompts/recommendations.ts";

const words = z.string().min(1).max(400);

export const suggestionSchema = z.object({
  action: words,
  priority: z.enum(["high", "medium", "low"]),
  estimatedImpact: words,
  implementation: words,
});
export type Suggestion = z.infer<typeof suggestionSchema>;

export const recommendationsSchema = z.object({
  /** The symptom, as it keeps coming. */
  pattern: z.string(),
  rootCause: z.string(),
  /** Basis points: 8,500 = 85 %. */
  confidence: z.int(),
  /** Cases with this signature, this incident's own among them. */
  historicalOccurrences: z.int(),
  /** Unix ms; null: never before. */
  lastOccurrence: z.number().nullable(),
  resolutionSuggestions: z.array(suggestionSchema),
  preventiveMeasures: z.array(z.string()),
  /** Who worded them. */
  by: z.enum(["rules", "model"]),
});
export type Recommendations = z.infer<typeof recommendationsSchema>;

export interface RecommendationFacts {
  title: string;
  findings: readonly Finding[];
  diagnosis: Diagnosis | null;
  playbooks: readonly Playbook[];
  /** Of the signature, newest first. */
  past: readonly CaseRecord[];
  watches: readonly WatchRecord[];
  /** The incident of the service at fault, where it is part of that one's. */
  partOf?: IncidentRecord["partOf"];
}

const MOST_SUGGESTIONS = 8;
const MOST_WORDS = 400;

/** By rules; the same facts give the same answer. */
export function recommend(facts: RecommendationFacts): Recommendations {
  const top = facts.diagnosis?.hypotheses[0];
  const known = top && top.scoreBp > 0 ? top : undefined;
  if (facts.partOf && (!known || isGuess(known))) return ofTheWhole(facts, facts.partOf);
  const playbook = facts.playbooks.find((one) => one.id === known?.playbook);
  const suggestions = [
    ...resolutions(facts.past),
    ...(playbook?.fixes ?? [])
      // What it would act on is not there: no suggestion.
      .filter((fix) => missingOf(fix, known?.checks ?? []) === undefined)
      .flatMap((fix) => suggestionOf(fix, facts.past, known)),
    ...elsewhere(facts, known),
  ];
  return {
    pattern: plainLine(facts.findings[0]?.summary ?? facts.title, MOST_WORDS),
    rootCause: known?.cause ?? "No known failure fits the symptoms.",
    confidence: known?.scoreBp ?? 0,
    historicalOccurrences: facts.past.length,
    lastOccurrence: facts.past[0]?.at ?? null,
    resolutionSuggestions: (suggestions.length > 0 ? suggestions : [lookYourself(facts)]).slice(
      0,
      MOST_SUGGESTIONS,
    ),
    preventiveMeasures: measures(facts, known),
    by: "rules",
  };
}

/** The trouble is another service's: a guess at a cause here would lead the wrong way. */
function ofTheWhole(
  { findings, title, past }: RecommendationFacts,
  { id, service, title: cause }: NonNullable<IncidentRecord["partOf"]>,
): Recommendations {
  return {
    pattern: plainLine(findings[0]?.summary ?? title, MOST_WORDS),
    rootCause: plainLine(`The trouble of ${service}: ${cause}`, MOST_WORDS),
    confidence: 0,
    historicalOccurrences: past.length,
    lastOccurrence: past[0]?.at ?? null,
    resolutionSuggestions: [
      {
        action: `Look after ${service}: it is part of that one's incident.`,
        priority: "high",
        estimatedImpact: `It ends when ${service} is well.`,
        implementation: `opsmedic incidents show ${id}`,
      },
    ],
    preventiveMeasures: [],
    by: "rules",
  };
}

/** What people wrote who resolved it before is worth most: they know. */
function resolutions(past: readonly CaseRecord[]): Suggestion[] {
  const told = past.flatMap((one) => (one.resolution ? [one] : []));
  return [...new Map(told.map((one) => [one.resolution, one])).values()].slice(0, 3).map((one) => ({
    action: plainLine(`As a person resolved it before: ${one.resolution}`, MOST_WORDS),
    priority: "high",
    estimatedImpact: `It ended case ${one.id}.`,
    implementation: "By hand, as it was written then.",
  }));
}

function suggestionOf(fix: Fix, past: readonly CaseRecord[], top: Hypothesis | undefined): Suggestion[] {
  const own = past.filter((one) => one.playbook === top?.playbook && one.fix === fix.id && wasTried(one));
  const healed = own.filter((one) => one.outcome === "healed").length;
  if (own.length > 0 && healed === 0) return [];
  const byHand = fix.class === "human" || fix.actions.length === 0;
  return [
    {
      action: plainLine(filled(fix.title, top?.checks ?? []), MOST_WORDS),
      priority: byHand ? "high" : healed > 0 ? "medium" : "low",
      estimatedImpact:
        own.length === 0
          ? "Not tried here yet."
          : `Healed ${healed} of ${own.length} times with this symptom.`,
      implementation: byHand
        ? "Only a person can do this."
        : `opsmedic does it (${fix.class}, risk ${fix.risk}): ${fix.actions.map((one) => one.action).join(", ")}.`,
    },
  ];
}

function elsewhere({ diagnosis }: RecommendationFacts, top: Hypothesis | undefined): Suggestion[] {
  if (diagnosis === null || top === undefined || top.service === diagnosis.service) return [];
  return [
    {
      action: `Look after ${top.service}: the cause lies there.`,
      priority: "high",
      estimatedImpact: `${diagnosis.service} follows when ${top.service} is well.`,
      implementation: `opsmedic diagnose ${top.service}`,
    },
  ];
}

function lookYourself({ findings }: RecommendationFacts): Suggestion {
  const [first] = findings;
  return {
    action: "A person should look: no playbook of opsmedic fits.",
    priority: "high",
    estimatedImpact: "What is found and written down with incidents resolve is suggested the next time.",
    implementation: first
      ? `opsmedic diagnose ${first.service}, and its log around the symptom.`
      : "opsmedic diagnose",
  };
}

function measures({ past, watches }: RecommendationFacts, top: Hypothesis | undefined): string[] {
  const healed = past.filter((one) => one.outcome === "healed");
  const classes = [...new Set(healed.map((one) => one.fixClass))];
  const masking = classes.length > 0 && classes.every((one) => one === "restart" || one === "reload");
  const unseen = (top?.checks ?? []).filter((one) => one.verdict === "unknown");
  return [
    ...(past.length >= 2 && masking
      ? [
          `It came ${past.length} times and a ${classes.join(" or ")} only ended it each time: find why it comes.`,
        ]
      : []),
    ...watches.map((one) =>
      one.sign === null ? `A closer look stands: ${one.told}` : `A standing watch warns of it: ${one.told}`,
    ),
    ...unseen
      .slice(0, 3)
      .map((one) =>
        plainLine(
          `Let opsmedic see what it could not: ${one.question} (${one.observation.status === "unknown" ? one.observation.reason : ""})`,
          MOST_WORDS,
        ),
      ),
  ];
}

const wasTried = ({ outcome }: CaseRecord): boolean => outcome !== "escalated" && outcome !== "rejected";

/** Beside the rule's words, never in their place: who reads must know whose they are. */
function inOtherWords(one: Suggestion, text: string | undefined): Suggestion {
  if (text === undefined) return one;
  return {
    ...one,
    implementation: plainLine(`${one.implementation} In other words (language model): ${text}`, MOST_WORDS),
  };
}

/** Only words: what a model may change or add. */
const draftSchema = z.object({
  suggestions: z.array(suggestionSchema).max(MOST_SUGGESTIONS),
  preventiveMeasures: z.array(words).max(8),
});

/** Worded by a model where one answers; its own suggestions come last and never above "medium". */
export async function worded(
  model: Model,
  byRules: Recommendations,
  signal?: AbortSignal,
): Promise<Recommendations> {
  if (model.provider === "none") return byRules;
  const asked = await model.ask(draftSchema, recommendationsPrompt(byRules), signal).catch(() => undefined);
  const draft = draftSchema.safeParse(asked).data;
  if (draft === undefined) return byRules;
  const count = byRules.resolutionSuggestions.length;
  const added = draft.suggestions.slice(count).map((one) => ({
    action: `Suggested by the language model: ${plainLine(one.action, MOST_WORDS)}`,
    priority: one.priority === "high" ? ("medium" as const) : one.priority,
    estimatedImpact: "Not tried here yet.",
    implementation: "Only a person can judge and do this.",
  }));
  return {
    ...byRules,
    resolutionSuggestions: [
      ...byRules.resolutionSuggestions.map((one, at) => inOtherWords(one, draft.suggestions[at]?.action)),
      ...added,
    ].slice(0, MOST_SUGGESTIONS),
    preventiveMeasures: [
      ...byRules.preventiveMeasures,
      ...draft.preventiveMeasures.map((one) => plainLine(one, MOST_WORDS)),
    ].slice(0, 10),
    by: "model",
  };
}
