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
});

/** The effective configuration: what was written, with defaults filled in. Holds secrets: show it through mask.ts. */
export type RawConfig = z.output<typeof configSchema>;
/** What may be written. */
export type ConfigInput = z.input<typeof configSchema>;
