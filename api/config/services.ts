// From what was written about services to the words of domain/service.ts: milliseconds, bytes, absolute paths.
import { dirname, resolve } from "node:path";
import picomatch from "picomatch";
import type {
  CleanUpRule,
  Database,
  ContainerRule,
  ImageRule,
  Impact,
  LogSource,
  Probe,
  Runtime,
  Service,
  ServiceFilesSpec,
} from "../../domain/service.ts";
import { toWords } from "./command.ts";
import { hostAndPort } from "./fields.ts";
import type { ServiceInput } from "./service-schema.ts";
import { toRotation } from "./rotation.ts";
import { bytes, ms } from "./units.ts";
import { parseWindow } from "./windows.ts";

export interface ServiceSurroundings {
  /** Folder that relative paths start from. */
  baseDir: string;
  /** How often a probe runs that does not say. */
  watchMs: number;
}

export function toService(input: ServiceInput, { baseDir, watchMs }: ServiceSurroundings): Service {
  const runtime = input.runtime && toRuntime(input.runtime, baseDir);
  const database = toDatabase(input, baseDir);
  return {
    name: input.name,
    ...(runtime && { runtime }),
    health: input.health.map((probe) => toProbe(probe, watchMs)),
    metrics: input.metrics,
    logs: toLogs(input, runtime, baseDir),
    dependsOn: input.dependsOn,
    ...(input.files && { files: toFiles(input.files, baseDir) }),
    ...(input.cleanUp && { cleanUp: toCleanUp(input.cleanUp, baseDir) }),
    ...(input.cleanUp?.images && { cleanUpImages: toLabelRule(input.cleanUp.images) }),
    ...(input.cleanUp?.containers && { cleanUpContainers: toLabelRule(input.cleanUp.containers) }),
    limits: {
      maxReplicas: input.limits.maxReplicas,
      ...(input.limits.maxMemory !== undefined && { maxMemoryBytes: bytes(input.limits.maxMemory) }),
    },
    ...(input.rotation && { rotation: toRotation(input.rotation) }),
    ...(database && { database }),
    ...(input.mode && { mode: input.mode }),
    protected: input.protected,
    ...(input.windows.length > 0 && {
      windows: input.windows.flatMap(({ deny, timezone }) => parseWindow(deny, timezone) ?? []),
    }),
    ...(input.impact && { impact: toImpact(input.impact) }),
    discovered: false,
  };
}

function toImpact({ revenuePerMinute, currency, users }: NonNullable<ServiceInput["impact"]>): Impact {
  return {
    ...(revenuePerMinute !== undefined && { revenuePerMinute }),
    ...(currency !== undefined && { currency }),
    ...(users !== undefined && { users }),
  };
}

function toRuntime(runtime: NonNullable<ServiceInput["runtime"]>, baseDir: string): Runtime | undefined {
  if (runtime.docker) return { kind: "docker", ...runtime.docker };
  if (runtime.compose) return { kind: "compose", ...runtime.compose };
  if (!runtime.process) return undefined;
  const { command, cwd, env } = runtime.process;
  return {
    kind: "process",
    command: toWords(command),
    cwd: resolve(baseDir, cwd ?? "."),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
  };
}

function toProbe(probe: ServiceInput["health"][number], watchMs: number): Probe {
  const common = {
    everyMs: probe.every === undefined ? watchMs : ms(probe.every),
    timeoutMs: ms(probe.timeout),
    expect: {
      ...(probe.expect.status !== undefined && { status: probe.expect.status }),
      ...(probe.expect.maxMs !== undefined && { maxMs: probe.expect.maxMs }),
    },
  };
  if (probe.http !== undefined) return { kind: "http", url: probe.http, ...common };
  if (probe.exec !== undefined) return { kind: "exec", command: toWords(probe.exec), ...common };
  const where = hostAndPort(probe.tcp ?? "");
  if (where === undefined) throw new TypeError("a probe without http, tcp or exec passed the schema");
  return { kind: "tcp", ...where, ...common };
}

/** What a runtime prints is read unless the configuration says otherwise. */
function toLogs(input: ServiceInput, runtime: Runtime | undefined, baseDir: string): LogSource[] {
  const written = input.logs ?? (runtime ? ["runtime" as const] : []);
  return written.map((source) =>
    typeof source === "string"
      ? { kind: "runtime" }
      : { kind: "file", glob: resolve(literal(baseDir), source.file) },
  );
}

/** What a folder happens to be called is no pattern. */
const literal = (folder: string): string => folder.replaceAll(/[\\*?[\]{}()!+@|]/g, "\\$&");

function toFiles(files: NonNullable<ServiceInput["files"]>, baseDir: string): ServiceFilesSpec {
  const { afterEdit } = files;
  return {
    root: resolve(baseDir, files.root),
    editable: files.editable,
    afterEdit: typeof afterEdit === "string" ? afterEdit : { reload: toSignal(afterEdit.reload) },
  };
}

function toCleanUp(
  { logs, temporary }: NonNullable<ServiceInput["cleanUp"]>,
  baseDir: string,
): CleanUpRule[] {
  return [
    ...logs.map(({ files, olderThan, largerThan }) => ({
      kind: "logs" as const,
      ...rootAndGlob(files, baseDir),
      olderThanMs: ms(olderThan),
      ...(largerThan !== undefined && { largerThanBytes: bytes(largerThan) }),
    })),
    ...temporary.map(({ files, olderThan }) => ({
      kind: "temporary" as const,
      ...rootAndGlob(files, baseDir),
      olderThanMs: ms(olderThan),
    })),
  ];
}

function toLabelRule({
  olderThan,
  label,
}: NonNullable<NonNullable<ServiceInput["cleanUp"]>["images"]>): ImageRule & ContainerRule {
  return { olderThanMs: ms(olderThan), ...(label !== undefined && { label }) };
}

/** The folder before the first star, and the rest. */
function rootAndGlob(files: string, baseDir: string): { root: string; glob: string } {
  const path = resolve(literal(baseDir), files);
  const { base, isGlob } = picomatch.scan(path);
  const root = isGlob ? base : dirname(path);
  return { root: plain(root), glob: path.slice(root.length + 1) };
}

const plain = (pattern: string): string => pattern.replaceAll(/\\(.)/g, "$1");

function toSignal(name: string): NodeJS.Signals {
  return `SIG${name.replace(/^SIG/, "")}` as NodeJS.Signals;
}

function toDatabase({ postgres, mysql, redis }: ServiceInput, baseDir: string): Database | undefined {
  if (postgres) return toPostgres(postgres, baseDir);
  if (mysql) return toMysql(mysql);
  return redis && toRedis(redis);
}

function toPostgres(
  {
    url,
    protectRoles,
    terminateIdleInTransactionAfter: parked,
    migrations,
  }: NonNullable<ServiceInput["postgres"]>,
  baseDir: string,
): Database {
  return {
    kind: "postgres",
    url,
    protectRoles,
    ...(parked !== undefined && { terminateIdleInTransactionAfterMs: ms(parked) }),
    ...(migrations && {
      migrations: {
        ...rootAndGlob(migrations.files, baseDir),
        ...(migrations.role !== undefined && { role: migrations.role }),
      },
    }),
  };
}

function toMysql({ maxConnections, ...mysql }: NonNullable<ServiceInput["mysql"]>): Database {
  return { kind: "mysql", ...mysql, ...(maxConnections !== undefined && { maxConnections }) };
}

function toRedis({
  maxMemory,
  whenFull,
  endIdleAfter,
  ...redis
}: NonNullable<ServiceInput["redis"]>): Database {
  return {
    kind: "redis",
    ...redis,
    ...(maxMemory !== undefined && { maxMemoryBytes: bytes(maxMemory) }),
    ...(whenFull && { whenFull }),
    ...(endIdleAfter !== undefined && { endIdleAfterMs: ms(endIdleAfter) }),
  };
}
