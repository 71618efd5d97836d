// What may be written about one service.
import { z } from "zod";
import { rotationSchema } from "./rotation.ts";
import { windowSchema } from "./window-schema.ts";
import { evictionPolicies } from "../../domain/service.ts";
import { address, command, connectionUrl, duration, httpUrl, interval, oneOf, size, word } from "./fields.ts";

const SERVICE_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/;

export const modeSchema = z.enum(["observe", "approve", "auto"]);

const runtimeSchema = oneOf(
  z.strictObject({
    docker: z.strictObject({ container: word().describe("Name of the container") }).optional(),
    compose: z
      .strictObject({
        project: word().describe("Of Docker Compose"),
        service: word().describe("Its service; of several containers the worst off speaks for all"),
      })
      .optional(),
    process: z
      .strictObject({
        command: command().describe(
          "opsmedic starts it and keeps it running; nothing is expanded by a shell",
        ),
        cwd: word().optional().describe("Default: the folder of opsmedic.yaml"),
        env: z
          .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
          .default({})
          .describe("Besides PATH, HOME, LANG, LC_ALL, TZ and TMPDIR"),
      })
      .optional(),
  }),
  ["docker", "compose", "process"],
  1,
).describe("Where it runs. Absent: nothing of ours runs there; it is watched, never acted on.");

const probeSchema = oneOf(
  z.strictObject({
    http: httpUrl().optional().describe("Answers with a status below 400, or the expected one"),
    tcp: address().optional().describe("host:port that accepts a connection"),
    exec: command().optional().describe("Exits with 0"),
    every: interval("100ms").optional().describe("Default: healing.watch"),
    timeout: interval("10ms").default("2s").describe("Later than this counts as no answer"),
    expect: z
      .strictObject({
        status: z.int().min(100).max(599).optional().describe("Exactly this one"),
        maxMs: z.number().positive().optional().describe("Slower than this is a failed probe"),
      })
      .prefault({}),
  }),
  ["http", "tcp", "exec"],
  1,
);

const logSourceSchema = z.union([
  z.enum(["docker", "runtime"]),
  z.strictObject({ file: word().describe("Path or glob") }),
]);

/** Those that the action "reload" sends: none that is meant to end a process. */
const SIGNAL = /^(SIG)?(HUP|USR1|USR2)$/;
const filesSchema = z
  .strictObject({
    root: word().describe("The only folder whose files are read and changed"),
    editable: z.array(word()).default([]).describe("Globs below root"),
    afterEdit: z
      .union([
        z.enum(["restart", "none"]),
        z.strictObject({ reload: z.string().regex(SIGNAL).describe("HUP, USR1 or USR2") }),
      ])
      .default("restart")
      .describe("What makes a change take effect"),
  })
  .describe("What a fix may change on disk. Nothing outside root is ever read or written.");

const redisSchema = z.strictObject({
  url: connectionUrl("redis", "rediss"),
  maxMemory: size("1m").optional().describe("A fix may raise maxmemory up to this; absent: not at all"),
  maxClients: z.int().min(1).max(1_000_000).default(10_000).describe("A fix may raise maxclients up to this"),
  whenFull: z
    .enum(evictionPolicies)
    .optional()
    .describe("A full store may be told to evict by this policy; only where what it holds can be lost"),
  protectClients: z.array(word()).default([]).describe("Clients of these names or users are never ended"),
  endIdleAfter: duration({ min: "1s" })
    .optional()
    .describe("How long a client that says nothing is left alone when connections run out (5m)"),
  endSubscribers: z
    .array(word())
    .default([])
    .describe("Names of subscribers that may be ended when they do not read"),
});
const cleanUpFiles = () =>
  word()
    .regex(/^(?!\/?[^/]*[*?[{])(?!.*(^|\/)\.\.(\/|$))/, {
      error: "Must name a folder first and lead nowhere else: ./tmp/**, not /** or ../*",
    })
    .describe("Path or glob below a folder");
const cleanUpSchema = z
  .strictObject({
    logs: z
      .array(
        z.strictObject({
          files: cleanUpFiles(),
          olderThan: duration({ min: "1m" }).default("1d").describe("Not written for this long: emptied"),
          largerThan: size("1k").optional().describe("Emptied though it is still written; absent: it stays"),
        }),
      )
      .default([]),
    temporary: z
      .array(
        z.strictObject({
          files: cleanUpFiles(),
          olderThan: duration({ min: "1m" }).default("7d").describe("Not written for this long: removed"),
        }),
      )
      .default([]),
    images: z
      .strictObject({
        olderThan: duration({ min: "1m" }).default("30d").describe("Since they were made or pulled"),
        label: word().optional().describe("Only with this label: name or name=value"),
      })
      .optional()
      .describe("Docker's images that no container uses; absent: none go"),
    containers: z
      .strictObject({
        olderThan: duration({ min: "1m" }).default("30d").describe("Since they ended"),
        label: word().optional().describe("Only with this label: name or name=value"),
      })
      .optional()
      .describe("Docker's containers that have ended and would not start again; absent: none go"),
  })
  .describe("What may go when a file system is full; a copy is kept until the repair has proved itself");

export const serviceSchema = oneOf(
  z.strictObject({
    name: z
      .string()
      .describe("How it is called everywhere; letters, digits, dot, dash, underscore")
      .regex(SERVICE_NAME, { error: "Not a name: letters, digits, dot, dash and underscore, at most 63" }),
    runtime: runtimeSchema.optional(),
    health: z.array(probeSchema).default([]),
    metrics: z
      .array(z.strictObject({ prometheus: httpUrl().describe("A page of metrics in Prometheus' format") }))
      .default([]),
    logs: z.array(logSourceSchema).optional().describe("Default: what the runtime prints"),
    dependsOn: z
      .array(word())
      .default([])
      .describe("Names of services; where the cause lies there, that one is healed"),
    files: filesSchema.optional(),
    cleanUp: cleanUpSchema.optional(),
    limits: z
      .strictObject({
        maxReplicas: z.int().min(1).max(100).default(1).describe("A fix may scale up to this"),
        maxMemory: size("4m").optional().describe("A fix may raise the limit up to this"),
      })
      .prefault({}),
    rotation: rotationSchema.optional(),
    postgres: z
      .strictObject({
        url: connectionUrl("postgres", "postgresql").describe(
          "Also looked into; a role with few rights is enough",
        ),
        protectRoles: z.array(word()).default([]).describe("Sessions of these are never ended"),
        terminateIdleInTransactionAfter: duration({ min: "1s" })
          .optional()
          .describe(
            "How long a transaction in which nothing happens is left alone when connections run out (5s)",
          ),
        migrations: z
          .strictObject({
            files: word()
              .regex(/^(?!\/?[^/]*[*?[{])(?!.*[^./][^/]*\/\.\.(\/|$)).*\.sql$/, {
                error: "Must name a folder first and end with .sql: ./db/migrations/*.sql",
              })
              .describe("Plain SQL files in the order of their names; only read"),
            role: word()
              .optional()
              .describe("Runs them and owns what they make; absent: the owner of the other tables"),
          })
          .optional()
          .describe("The service's own; one that was forgotten may be run where all it does is to add"),
      })
      .optional(),
    mysql: z
      .strictObject({
        url: connectionUrl("mysql", "mariadb"),
        protectRoles: z.array(word()).default([]).describe("Sessions of these users are never ended"),
        maxConnections: z
          .int()
          .min(1)
          .max(100_000)
          .optional()
          .describe("A fix may raise max_connections up to this; absent: not at all"),
        readOnly: z
          .boolean()
          .default(false)
          .describe(
            "read_only is meant, though it follows nobody: an archive, or a standby that was put aside",
          ),
      })
      .optional(),
    redis: redisSchema.optional(),
    mode: modeSchema.optional().describe("Overrides healing.mode"),
    protected: z.boolean().default(false).describe("Watched, but never acted on, whatever the score"),
    windows: z
      .array(windowSchema)
      .default([])
      .describe("Its own maintenance: meanwhile neither it nor what depends on it, or it on, is repaired"),
    impact: z
      .strictObject({
        revenuePerMinute: z.number().min(0).optional(),
        currency: z.string().length(3).optional(),
        users: z.int().min(0).optional(),
      })
      .optional()
      .describe("What an outage costs at most; used in postmortems"),
  }),
  ["postgres", "mysql", "redis"],
  0,
);
export type ServiceInput = z.output<typeof serviceSchema>;
