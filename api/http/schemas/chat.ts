// How a question and its answer are sent.
import { z } from "zod";
import { citationSchema, claimSchema } from "../../../agents/chat/reply.ts";
import { isTimezone } from "../../config/windows.ts";
import type { ChatReply } from "../../chat.ts";
import { id } from "../endpoint.ts";

export const chatRequest = z.strictObject({
  question: z.string().trim().min(1).max(2_000),
  incident_id: id.optional(),
  conversation_id: id.optional().describe("Goes on with this conversation; one's own only"),
  timezone: z
    .string()
    .max(64)
    .refine(isTimezone, "Not a time zone; write for example Europe/Berlin")
    .optional()
    .describe('In which "last night" is meant; the server\'s where it is left away'),
});

const citation = citationSchema.meta({ id: "Citation" });

export const chatReply = z
  .object({
    conversation_id: z.string(),
    answer: z.string(),
    intent: z.string().describe("What the question was taken for"),
    claims: z.array(claimSchema),
    note: z.string().nullable().describe("Said without a record"),
    commands: z.array(z.string()).describe("What a person may run to act"),
    citations: z.array(citation),
    by: z.enum(["rules", "model"]),
  })
  .meta({ id: "ChatReply" }) satisfies z.ZodType<unknown, ChatReply>;

/** Data of the server-sent events of an answer: "token", "citation", and "done" with the whole reply. */
export const tokenEvent = z.object({ text: z.string() });
export const citationEvent = citationSchema;
