// Which environment variables opsmedic reads, each checked. Variables are text; an empty one counts as unset.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import { hostAndPort } from "./fields.ts";

const text = z.string().optional();

/** The demo takes seven ports in a row, and the last one of all is 65535. */
const LAST_DEMO_PORT = 65_529;
const DEMO_PORT = `must be a whole number from 1 to ${LAST_DEMO_PORT}`;

export const environmentSchema = z.object({
  /** Where a running server is found by the command line, and with which token. */
  OPSMEDIC_URL: z
    .url({ protocol: /^https?$/, error: "must be an address such as http://127.0.0.1:8686" })
    .optional(),
  OPSMEDIC_TOKEN: text,
  OPSMEDIC_ADMIN_TOKEN: text,
  OPSMEDIC_CONFIG: text,
  /** host:port of the server; wins over server.listen. */
  OPSMEDIC_LISTEN: z
    .string()
    .refine((value) => hostAndPort(value) !== undefined, {
      error: "must be host:port, such as 127.0.0.1:8686",
    })
    .optional(),
  /** The first of the demo shop's seven ports. */
  OPSMEDIC_DEMO_PORT: z
    .string()
    .regex(/^\d{1,5}$/, { error: DEMO_PORT })
    .transform(Number)
    .refine((port) => port >= 1 && port <= LAST_DEMO_PORT, { error: DEMO_PORT })
    .optional(),
  OPSMEDIC_LOG_LEVEL: z
    .enum(["silent", "fatal", "error", "warn", "info", "debug", "trace"], {
      error: "must be silent, fatal, error, warn, info, debug or trace",
    })
    .optional(),
  DATABASE_URL: text,
  REDIS_URL: text,
  /** unix:///var/run/docker.sock or tcp://host:port, as the docker command reads it. */
  DOCKER_HOST: text,
  NO_COLOR: text,
  FORCE_COLOR: text,
  /** Needed to start git and services' processes. */
  PATH: text,
  HOME: text,
  USER: text,
  SHELL: text,
});
export type Environment = z.infer<typeof environmentSchema>;

/** Throws HealError "config-environment" with every complaint at once. */
export function checkEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const read = environmentSchema.safeParse(set);
  if (read.success) return read.data;
  throw new HealError(
    read.error.issues.map(({ path, message }) => `environment: ${String(path[0])} ${message}`).join("\n"),
    { code: "config-environment", hint: "Correct these variables, or unset them.", cause: read.error },
  );
}
