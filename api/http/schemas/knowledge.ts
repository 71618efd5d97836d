// How entries of the knowledge base are sent: the same fields, times as ISO 8601.
import { z } from "zod";
import { jsonObjectSchema, type JsonObject } from "../../../domain/json.ts";
import { entryOrigins, entryOutcomes, type KnowledgeEntry } from "../../../knowledge/entry-records.ts";
import type { EntryStory, FoundEntry } from "../../knowledge.ts";
import { isoTime } from "../iso-times.ts";

/** A schema that sends a T. */
type Sends<T> = z.ZodType<unknown, T>;

const outcome = z.enum(entryOutcomes);
const fields = {
  id: z.string(),
  origin: z.enum(entryOrigins),
  title: z.string(),
  symptoms: z.array(z.string()),
  vocabulary: z.array(z.string()),
  playbook: z.string(),
  cause: z.string(),
  fix: z.string(),
  outcome: outcome.describe("The last one; known for cases that were not lived through here"),
  targetKind: z.string(),
  service: z.string().nullable(),
  runId: z.string().nullable(),
  scoreBp: z.int().nullable().describe("Confidence in basis points: 8500 = 85 %"),
  errorsAfter: z.int().nullable().describe("Checks that failed after the fix"),
  disabled: z.boolean(),
  version: z.int(),
  used: z.int().describe("How often the fix was tried here"),
  worked: z.int().describe("How often it healed"),
  firstAt: isoTime,
  at: isoTime,
  changedAt: isoTime,
};

export const knowledgeEntry = z.object(fields).meta({ id: "KnowledgeEntry" }) satisfies Sends<KnowledgeEntry>;

export const foundEntry = z
  .object({
    ...fields,
    similarity: z.number().nullable().describe("0–1; null where nothing was searched for"),
  })
  .meta({ id: "FoundEntry" }) satisfies Sends<FoundEntry>;

export const entryStory = z
  .object({
    ...fields,
    history: z.array(
      z.object({
        version: z.int(),
        at: isoTime,
        by: z.string(),
        change: jsonObjectSchema as z.ZodType<JsonObject, JsonObject>,
      }),
    ),
    runs: z.array(
      z.object({
        runId: z.string(),
        incidentId: z.string().nullable(),
        service: z.string(),
        outcome,
        at: isoTime,
      }),
    ),
    nearest: z.array(foundEntry),
  })
  .meta({ id: "EntryStory" }) satisfies Sends<EntryStory>;
