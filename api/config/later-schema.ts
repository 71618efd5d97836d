// Embeddings, retention, reminders; and parts of the contract that are checked and kept, and not acted on yet: alert channels
// and escalation. inactive.ts says so to whoever uses them.
import { z } from "zod";
import { connectionUrl, duration, httpUrl, interval, word } from "./fields.ts";

export const embeddingsSchema = z.strictObject({
  provider: z
    .enum(["local", "openai", "ollama"])
    .default("local")
    .describe("What makes vectors of remembered cases; local: offline, computed here"),
  model: word().optional().describe("Usual: text-embedding-3-small, nomic-embed-text; local has one only"),
  baseUrl: httpUrl().optional().describe("A server that speaks the provider's protocol"),
  apiKey: z.string().optional(),
});

export const retentionSchema = z.strictObject({
  incidents: duration({ min: "1d" }).default("180d"),
  metrics: duration({ min: "1h" }).default("30d"),
  logs: duration({ min: "1h" }).default("7d"),
  cleanupEvery: interval("1m").default("24h"),
});

const channelSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("slack"), url: httpUrl() }),
  z.strictObject({ type: z.literal("teams"), url: httpUrl() }),
  z.strictObject({
    type: z.literal("email"),
    to: z.array(z.email()).min(1),
    from: z.email().optional(),
    smtp: connectionUrl("smtp", "smtps"),
  }),
  z.strictObject({ type: z.literal("pagerduty"), routingKey: word() }),
  z.strictObject({
    type: z.literal("webhook"),
    url: httpUrl(),
    secret: word().optional(),
    format: z.enum(["standard", "cloudevents"]).default("standard"),
  }),
]);

export const alertsSchema = z.strictObject({
  channels: z.record(z.string(), channelSchema).default({}),
  escalation: z.array(z.strictObject({ after: duration(), to: z.array(word()).min(1) })).default([]),
  repeat: z
    .strictObject({
      first: duration({ min: "1m" })
        .default("1h")
        .describe("So long after the last message, doubled after each reminder"),
      longest: duration({ min: "1m" }).default("4h").describe("No longer than this between two reminders"),
    })
    .prefault({})
    .describe(
      "What was left to a person is told once; reminders while it lasts and nobody has acknowledged it",
    ),
});
