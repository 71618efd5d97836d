// From a file, a text or an object to the checked configuration. All complaints come at once.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { HealError, messageOf } from "../../domain/errors.ts";
import type { LogRule } from "../../domain/log-rule.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Service } from "../../domain/service.ts";
import type { ModelSettings } from "../../tools/models/configured-model.ts";
import { type Complaint, ConfigError, complaintsOf, pathText, plainWords } from "./complaints.ts";
import { crossChecks } from "./cross-checks.ts";
import { expandReferences } from "./expand.ts";
import { hostAndPort } from "./fields.ts";
import { inactiveParts } from "./inactive.ts";
import { type OutsideLogs, toOutsideLogs } from "./log-sources.ts";
import { toLogRule } from "./log-rule-schema.ts";
import { toModelSettings } from "./model-settings.ts";
import { toPolicy } from "./policy.ts";
import { configSchema, type RawConfig } from "./schema.ts";
import { toService } from "./services.ts";
import { ms } from "./units.ts";
import { readYaml, type YamlSource } from "./yaml-source.ts";

export interface Config {
  /** Absolute path of the file; null when it was made from an object. */
  file: string | null;
  baseDir: string;
  /** Absent adminToken: made at first start. */
  server: { host: string; port: number; publicUrl: string; adminToken?: string };
  /** Absent url: embedded, in dataDir. */
  storage: { url?: string };
  dataDir: string;
  /** Where copies of what a clean-up takes away are kept until it has proved itself. */
  copiesFolder: string;
  /** Absent url: on the store itself. */
  queue: { url?: string };
  model: ModelSettings;
  /** What makes vectors of what is remembered. */
  embeddings: RawConfig["embeddings"];
  services: Service[];
  /** Containers with this label become services; absent: none do. */
  discover: { dockerLabel?: string };
  /** Log sources beside the services' own logs. */
  logs: OutsideLogs;
  policy: Policy;
  logRules: LogRule[];
  healing: {
    everyMs: number;
    watchMs: number;
    /** Of the indexes that opsmedic made. */
    ownIndexes: { lookEveryMs: number; judgeAfterMs: number; unusedForMs: number };
  };
  /** Of what was left to a person and lasts; the wait doubles from the first to the longest. */
  reminders: { firstMs: number; longestMs: number };
  /** How long ended runs and closed incidents are kept, and how often is cleaned up. */
  retention: { incidentsMs: number; metricsMs: number; logsMs: number; cleanupEveryMs: number };
  /** What is accepted and not acted on yet; `doctor` shows it. */
  warnings: string[];
  /** The effective configuration as people write it. Holds secrets: show it through maskSecrets. */
  raw: RawConfig;
}

export type Variables = Readonly<Record<string, string | undefined>>;
/** Values that win over the file's, key by key; lists are replaced as a whole. */
export type Overrides = { readonly [key: string]: unknown };

const SYSTEM_FILE = "/etc/opsmedic/opsmedic.yaml";

/** -c, $OPSMEDIC_CONFIG, ./opsmedic.yaml, /etc/opsmedic/opsmedic.yaml. HealError "config-not-found". */
export function findConfigFile(path: string | undefined, variables: Variables, cwd: string): string {
  const named = path ?? (variables["OPSMEDIC_CONFIG"] || undefined);
  const candidates =
    named === undefined ? [resolve(cwd, "opsmedic.yaml"), SYSTEM_FILE] : [resolve(cwd, named)];
  const found = candidates.find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new HealError(`No configuration: looked for ${candidates.join(" and ")}`, {
    code: "config-not-found",
    hint:
      named === undefined
        ? "Make one with: opsmedic init. Or see the demo first: opsmedic serve watches a small shop where there is none."
        : "Correct the path after -c or in OPSMEDIC_CONFIG.",
  });
}

/** Throws ConfigError ("config-invalid") with everything that is wrong, or HealError "config-not-found". */
export function loadConfigFile(
  path: string | undefined,
  { variables, cwd, overrides }: { variables: Variables; cwd: string; overrides?: Overrides },
): Config {
  const file = findConfigFile(path, variables, cwd);
  const shown = relative(cwd, file).startsWith("..") ? file : relative(cwd, file);
  return parseConfig(readText(file, shown), {
    file,
    shown,
    baseDir: dirname(file),
    variables,
    ...(overrides && { overrides }),
  });
}

/** A configuration's text, as if it were the file `file`. */
export function parseConfig(
  text: string,
  options: {
    file: string | null;
    shown: string;
    baseDir: string;
    variables: Variables;
    overrides?: Overrides;
  },
): Config {
  const source = readYaml(text);
  if (source.complaints.length > 0) throw new ConfigError(options.shown, source.complaints);
  const unset = expandReferences(source, options);
  const { raw, complaints } = check(merged(source.value() ?? {}, options.overrides ?? {}), source, unset);
  if (raw === undefined) throw new ConfigError(options.shown, complaints);
  return toConfig(raw, options);
}

/** A configuration made by a program (the demo, a change through the API); nothing in it is expanded. */
export function configFromObject(
  value: unknown,
  { baseDir, variables = {}, file = null }: { baseDir: string; variables?: Variables; file?: string | null },
): Config {
  const { raw, complaints } = check(value, undefined, []);
  if (raw === undefined) throw new ConfigError("configuration", complaints);
  return toConfig(raw, { file, baseDir, variables });
}

/** A value that could not be expanded is complained about once, not again for its form. */
function check(
  value: unknown,
  source: YamlSource | undefined,
  unset: readonly Complaint[],
): { raw?: RawConfig; complaints: Complaint[] } {
  const known = new Set(unset.map(({ path }) => pathText(path)));
  const checked = configSchema.safeParse(value, { error: plainWords });
  const issues = checked.success ? [] : complaintsOf(checked.error, source);
  const across = crossChecks(value).map((one) => ({ ...source?.placeOf(one.path), ...one }));
  const complaints = [...unset, ...[...issues, ...across].filter(({ path }) => !known.has(pathText(path)))];
  return checked.success && complaints.length === 0 ? { raw: checked.data, complaints } : { complaints };
}

function toConfig(
  raw: RawConfig,
  { file, baseDir, variables }: { file: string | null; baseDir: string; variables: Variables },
): Config {
  const { host, port } = hostAndPort(variables["OPSMEDIC_LISTEN"] || raw.server.listen) ?? {
    host: "127.0.0.1",
    port: 8686,
  };
  const adminToken = raw.server.adminToken ?? variables["OPSMEDIC_ADMIN_TOKEN"];
  const storage = raw.storage.url ?? variables["DATABASE_URL"];
  const queue = raw.queue.url ?? variables["REDIS_URL"];
  const label = raw.discover.docker;
  const watchMs = ms(raw.healing.watch);
  return {
    file,
    baseDir,
    server: {
      host,
      port,
      publicUrl: raw.server.publicUrl ?? addressOf(host, port),
      ...(adminToken && { adminToken }),
    },
    storage: storage ? { url: storage } : {},
    dataDir: resolve(baseDir, raw.dataDir),
    copiesFolder: resolve(baseDir, raw.healing.backups.copiesIn ?? join(raw.dataDir, "set-aside")),
    queue: queue ? { url: queue } : {},
    model: toModelSettings(raw),
    embeddings: raw.embeddings,
    services: raw.services.map((service) => toService(service, { baseDir, watchMs })),
    discover: label === false ? {} : { dockerLabel: label.label },
    logs: toOutsideLogs(raw.logs),
    policy: toPolicy(raw),
    logRules: raw.patterns.rules.map(toLogRule),
    healing: {
      everyMs: ms(raw.healing.every),
      watchMs,
      ownIndexes: {
        lookEveryMs: ms(raw.healing.ownIndexes.lookEvery),
        judgeAfterMs: ms(raw.healing.ownIndexes.judgeAfter),
        unusedForMs: ms(raw.healing.ownIndexes.unusedFor),
      },
    },
    reminders: { firstMs: ms(raw.alerts.repeat.first), longestMs: ms(raw.alerts.repeat.longest) },
    retention: {
      incidentsMs: ms(raw.retention.incidents),
      metricsMs: ms(raw.retention.metrics),
      logsMs: ms(raw.retention.logs),
      cleanupEveryMs: ms(raw.retention.cleanupEvery),
    },
    warnings: inactiveParts(raw),
    raw,
  };
}

/** Listening on every address is not an address that anybody can call. */
function addressOf(host: string, port: number): string {
  if (host === "0.0.0.0" || host === "::") return `http://127.0.0.1:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function merged(value: unknown, over: Overrides): unknown {
  if (!isObject(value)) return value;
  const result: Record<string, unknown> = { ...value };
  for (const [key, inner] of Object.entries(over)) {
    result[key] = isObject(inner) ? merged(result[key] ?? {}, inner) : inner;
  }
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readText(file: string, shown: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new HealError(`${shown} cannot be read: ${messageOf(error)}`, {
      code: "config-unreadable",
      hint: "Check the path and the permissions.",
      cause: error,
    });
  }
}
