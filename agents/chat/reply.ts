// What the chat answers: claims, each with the records that it rests on, and what only tells the way on.
import { z } from "zod";

export const recordKinds = [
  "incident",
  "run",
  "step",
  "log",
  "pattern",
  "case",
  "approval",
  "backup",
  "audit",
  "watch",
  "service",
  "metric",
  "playbook",
  "knowledge",
] as const;
export type RecordKind = (typeof recordKinds)[number];

/** `id` as people write it: "run_…", "run_…#12" (a step), "log_7", "shop:1f2e…" (a pattern), "audit_3", "service:web". */
export const citationSchema = z.object({ kind: z.enum(recordKinds), id: z.string().max(400) });
export type Citation = z.infer<typeof citationSchema>;

export const claimSchema = z.object({ text: z.string(), citations: z.array(citationSchema).min(1) });
export type Claim = z.infer<typeof claimSchema>;

/** What a conversation is about, so that the next question need not say it again. */
export const topicSchema = z.object({
  intent: z.string().optional(),
  services: z.array(z.string()).optional(),
  incidentId: z.string().optional(),
  runId: z.string().optional(),
  /** Unix ms; the words that named it. */
  span: z.object({ from: z.number(), to: z.number(), words: z.string() }).optional(),
});
export type Topic = z.infer<typeof topicSchema>;

export interface Reply {
  /** What the question was taken for; "unknown" where nothing was understood. */
  intent: string;
  claims: Claim[];
  /** Said without a record: that nothing is known, or what can be asked. Never a fact about a service. */
  note: string | null;
  /** What a person may run to act; the chat itself changes nothing. */
  commands: string[];
  topic: Topic;
}

export const cite = (kind: RecordKind, id: string): Citation => ({ kind, id });
