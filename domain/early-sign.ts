// An early sign: what moved before a symptom, each time it came. The rule of a standing watch, typed and bounded.
import { z } from "zod";

export const LONGEST_SIGN_MS = 3_600_000;

const times = {
  /** What is usual: the most (or, below, the least) outside of troubles. */
  usual: z.number(),
  /** How long before the symptom it showed, the shortest time of all, ms. */
  leadMs: z.int().min(0),
};

export const earlySignSchema = z.discriminatedUnion("kind", [
  /** A number beyond a value, for so many minutes. */
  z.strictObject({
    kind: z.literal("metric"),
    service: z.string().max(200),
    name: z.string().max(100),
    measuredOn: z.string().max(300),
    direction: z.enum(["above", "below"]),
    threshold: z.number(),
    forMinutes: z.int().min(1).max(60),
    ...times,
  }),
  /** So many lines of one pattern within a time. */
  z.strictObject({
    kind: z.literal("log-pattern"),
    service: z.string().max(200),
    pattern: z.string().max(200),
    template: z.string().max(300),
    lines: z.int().min(1),
    withinMs: z.int().min(1).max(LONGEST_SIGN_MS),
    ...times,
  }),
]);
export type EarlySign = z.infer<typeof earlySignSchema>;
