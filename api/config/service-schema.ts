// What may be written about one service.
import { z } from "zod";
import { address, command, connectionUrl, duration, httpUrl, interval, oneOf, size, word } from "./fields.ts";

const SERVICE_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/;

export const modeSchema = z.enum(["observe", "approve", "auto"]);

const runtimeSchema = oneOf(
  z.strictObject({
    docker: z.strictObject({ container: word() }).optional(),
    compose: z.strictObject({ project: word(), service: word() }).optional(),
    process: z
      .strictObject({
        command: command(),
        cwd: word().optional(),
        env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
      })
      .optional(),
  }),
  ["docker", "compose", "process"],
  1,
).describe("Where it runs. Absent: nothing of ours runs there; it is watched, never acted on.");

const probeSchema = oneOf(
  z.strictObject({
    http: httpUrl().optional(),
    tcp: address().optional(),
    exec: command().optional(),
    every: interval("100ms").optional().describe("Default: healing.watch"),
    timeout: interval("10ms").default("2s"),
    expect: z
      .strictObject({
        status: z.int().min(100).max(599).optional(),
        maxMs: z.number().positive().optional().describe("Slower than this is a failed probe"),
      })
      .prefault({}),
  }),
  ["http", "tcp", "exec"],
  1,
);

const logSourceSchema = z.union([z.enum(["docker", "runtime"]), z.strictObject({ file: word() })]);

const SIGNAL = /^(SIG)?(HUP|USR1|USR2|WINCH|INT|TERM|QUIT)$/;
const filesSchema = z
  .strictObject({
    root: word(),
    editable: z.array(word()).default([]),
    afterEdit: z
      .union([z.enum(["restart", "none"]), z.strictObject({ reload: z.string().regex(SIGNAL) })])
      .default("restart"),
  })
  .describe("What a fix may change on disk. Nothing outside root is ever read or written.");

export const serviceSchema = oneOf(
  z.strictObject({
    name: z
      .string()
      .regex(SERVICE_NAME, { error: "Not a name: letters, digits, dot, dash and underscore, at most 63" }),
    runtime: runtimeSchema.optional(),
    health: z.array(probeSchema).default([]),
    metrics: z.array(z.strictObject({ prometheus: httpUrl() })).default([]),
    logs: z.array(logSourceSchema).optional().describe("Default: what the runtime prints"),
    dependsOn: z.array(word()).default([]),
    files: filesSchema.optional(),
    limits: z
      .strictObject({ maxReplicas: z.int().min(1).max(100).default(1), maxMemory: size("4m").optional() })
      .prefault({}),
    postgres: z
      .strictObject({
        url: connectionUrl("postgres", "postgresql"),
        protectRoles: z.array(word()).default([]),
        terminateIdleInTransactionAfter: duration({ min: "1s" }).optional(),
      })
      .optional(),
    mysql: z.strictObject({ url: connectionUrl("mysql", "mariadb") }).optional(),
    redis: z.strictObject({ url: connectionUrl("redis", "rediss") }).optional(),
    mode: modeSchema.optional().describe("Overrides healing.mode"),
    protected: z.boolean().default(false).describe("Watched, but never acted on, whatever the score"),
    impact: z
      .strictObject({
        revenuePerMinute: z.number().min(0).optional(),
        currency: z.string().length(3).optional(),
        users: z.int().min(0).optional(),
      })
      .optional(),
  }),
  ["postgres", "mysql", "redis"],
  0,
);
export type ServiceInput = z.output<typeof serviceSchema>;
