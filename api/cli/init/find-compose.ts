// What a compose file of this folder describes, running or not. Only names, images, published ports and who needs whom are
// read; what cannot be understood is left out, since whoever starts the project hears about it from Docker Compose.
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseEnv } from "node:util";
import { parse } from "yaml";
import { z } from "zod";
import type { FoundContainer } from "./found.ts";

/** In the order in which Docker Compose looks for them. */
const FILES = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

const composeSchema = z.object({
  name: z.string().optional(),
  services: z.record(
    z.string(),
    z.object({
      image: z.string().default("built here"),
      ports: z.array(z.unknown()).default([]),
      depends_on: z
        .union([z.array(z.string()), z.record(z.string(), z.unknown()).transform(Object.keys)])
        .catch([])
        .default([]),
    }),
  ),
});

export interface FoundCompose {
  file: string;
  containers: FoundContainer[];
}

/** undefined where there is no such file, or it makes no sense. */
export function findCompose(
  folder: string,
  variables: Readonly<Record<string, string | undefined>>,
): FoundCompose | undefined {
  const file = FILES.find((name) => existsSync(join(folder, name)));
  const read = file === undefined ? undefined : composeSchema.safeParse(parsed(join(folder, file)));
  if (file === undefined || !read?.success) return undefined;
  const project = projectName(variables["COMPOSE_PROJECT_NAME"] ?? read.data.name ?? basename(folder));
  const given = { ...variablesBeside(folder), ...definedOf(variables) };
  const containers = Object.entries(read.data.services).map(([service, { image, ports, depends_on }]) => ({
    name: `${project}-${service}-1`,
    image,
    compose: { project, service, folder, needs: depends_on },
    ports: ports.flatMap((one) => portOf(expanded(one, given))),
  }));
  return { file, containers };
}

function parsed(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"), { logLevel: "silent" });
  } catch {
    return undefined;
  }
}

const definedOf = (variables: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** The .env file of the folder, as Docker Compose reads it: the environment wins over it. */
function variablesBeside(folder: string): Record<string, string> {
  const file = join(folder, ".env");
  try {
    return existsSync(file) ? definedOf(parseEnv(readFileSync(file, "utf8"))) : {};
  } catch {
    return {};
  }
}

const REFERENCE = /\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)/g;

/** ${NAME}, ${NAME:-default} and $NAME, in a port or in the long form's values. */
function expanded(value: unknown, given: Readonly<Record<string, string>>): unknown {
  if (typeof value === "string")
    return value.replaceAll(
      REFERENCE,
      (_, name: string | undefined, fallback: string | undefined, short: string | undefined) =>
        given[name ?? short ?? ""] || (fallback ?? ""),
    );
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expanded(inner, given)]));
}

/** As Docker Compose makes one of a folder's name. */
const projectName = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "");

const longPort = z.object({ published: z.coerce.number().int().positive(), target: z.int().positive() });

/** "8080:80", "127.0.0.1:8080:80/tcp" or the long form; a port that Docker chooses or a range is not known yet. */
function portOf(port: unknown): FoundContainer["ports"] {
  const long = longPort.safeParse(port);
  if (long.success) return [{ host: long.data.published, container: long.data.target }];
  const [, host, container] = /^(?:[^:]+:)?(\d+):(\d+)(?:\/tcp)?$/.exec(String(port)) ?? [];
  return host === undefined ? [] : [{ host: Number(host), container: Number(container) }];
}
