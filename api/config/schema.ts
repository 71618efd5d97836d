// The configuration's one schema: what opsmedic.yaml may hold, with its defaults. It is strict, and it changes
// nothing but to fill in defaults, so that its output is the effective configuration as people write it.
import { z } from "zod";
import { address, httpUrl, optionalConnectionUrl, word } from "./fields.ts";
import { healingSchema, thresholdsSchema } from "./healing-schema.ts";
import { alertsSchema, embeddingsSchema, retentionSchema } from "./later-schema.ts";
import { logSourceSchema } from "./log-schema.ts";
import { logRulesSchema } from "./log-rule-schema.ts";
import { modelSchema } from "./model-schema.ts";
import { serviceSchema } from "./service-schema.ts";

/** Tools of api/mcp/acting-tools.ts; a test holds the two lists together. */
export const MCP_CHANGES = ["request_heal", "approve_fix", "acknowledge_incident"] as const;

const serverSchema = z.strictObject({
  listen: address()
    .default("127.0.0.1:8686")
    .describe("host:port. Default: $OPSMEDIC_LISTEN, which also wins over it"),
  publicUrl: httpUrl().optional().describe("Default: http:// and the listen address"),
  adminToken: z
    .string()
    .refine((token) => token === "" || token.length >= 16, {
      error: "Too short: 16 letters or more, or empty",
    })
    .optional()
    .describe("Empty: made at first start. Default: $OPSMEDIC_ADMIN_TOKEN"),
});

export const configSchema = z.strictObject({
  version: z.literal(1).default(1).describe("Of this format"),
  server: serverSchema.prefault({}),
  storage: z
    .strictObject({
      url: optionalConnectionUrl("postgres", "postgresql")
        .optional()
        .describe("PostgreSQL, best with pgvector"),
    })
    .prefault({})
    .describe("Empty: embedded, in dataDir. Default: $DATABASE_URL"),
  dataDir: word().default(".opsmedic").describe("Store, backups, logs of processes: for its owner alone"),
  queue: z
    .strictObject({
      url: optionalConnectionUrl("redis", "rediss")
        .optional()
        .describe("Redis, with maxmemory-policy noeviction"),
    })
    .prefault({})
    .describe("Empty: on the store itself. Default: $REDIS_URL"),
  model: modelSchema.prefault({}),
  embeddings: embeddingsSchema.prefault({}),
  services: z.array(serviceSchema),
  discover: z
    .strictObject({
      docker: z
        .union([
          z.literal(false),
          z.strictObject({ label: word().describe("A container says yes with LABEL=true") }),
        ])
        .default({ label: "opsmedic.enable" }),
    })
    .prefault({})
    .describe("Containers with this label become services by themselves"),
  logs: z.array(logSourceSchema).default([]),
  patterns: z
    .strictObject({
      rules: logRulesSchema
        .default([])
        .describe("More can be made while running: opsmedic patterns rules add"),
    })
    .prefault({})
    .describe("What to look for in the lines of logs, beside what opsmedic finds by itself"),
  healing: healingSchema.prefault({}),
  thresholds: thresholdsSchema.prefault({}),
  retention: retentionSchema.prefault({}),
  alerts: alertsSchema.prefault({}),
  telemetry: z
    .strictObject({
      otlp: z
        .strictObject({
          url: httpUrl().describe("Where traces go, with its path: http://127.0.0.1:4318/v1/traces"),
          headers: z
            .record(z.string(), z.string())
            .default({})
            .describe("Keys best as ${NAME} or file:/path"),
          content: z.boolean().default(false).describe("Also causes, parameters and reports"),
        })
        .optional(),
    })
    .prefault({})
    .describe("The trace of every run, for a collector that speaks OTLP over HTTP"),
  mcp: z
    .strictObject({
      allow: z
        .array(z.enum(MCP_CHANGES))
        .default([])
        .describe("Changing tools that assistants may use; the gate decides all the same"),
    })
    .prefault({})
    .describe("MCP at /mcp and opsmedic mcp: read-only unless more is allowed here"),
});

/** The effective configuration: what was written, with defaults filled in. Holds secrets: show it through mask.ts. */
export type RawConfig = z.output<typeof configSchema>;
/** What may be written. */
export type ConfigInput = z.input<typeof configSchema>;
