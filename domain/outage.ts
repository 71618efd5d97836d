// An outage: what shows at several services at once, where it probably comes from, and who is hit next.
import { z } from "zod";

export const suspectSchema = z.object({
  service: z.string(),
  /** 0 to 1; all suspects together stay below 1. */
  confidence: z.number(),
  /** Strongest first; empty for one that only its place among the others makes suspicious. */
  because: z.array(z.string()),
});
export type Suspect = z.infer<typeof suspectSchema>;

export const nextHitSchema = z.object({
  service: z.string(),
  /** 0 to 1: the chance that it gets into trouble at all. */
  chance: z.number(),
  /** When its first symptom is expected, Unix ms. */
  at: z.number(),
  /** The services that the trouble climbs through, the cause first. */
  path: z.array(z.string()),
});
export type NextHit = z.infer<typeof nextHitSchema>;

export const outageSchema = z.object({
  /** Best first, a few. */
  suspects: z.array(suspectSchema),
  /** What is wrong with the best one ("memory", "disk", "code", …); null: nothing tells. */
  kind: z.string().nullable(),
  /** Those with symptoms, in the order in which these began (Unix ms). */
  services: z.array(z.object({ service: z.string(), since: z.number() })),
  /** Those that are still well and depend on the best suspect, likeliest first, a few. */
  next: z.array(nextHitSchema),
});
export type Outage = z.infer<typeof outageSchema>;
