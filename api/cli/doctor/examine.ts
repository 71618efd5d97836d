// doctor: which checks make sense for this configuration, and what they found.
import { resolve } from "node:path";
import { messageOf } from "../../../domain/errors.ts";
import { allVariables, type Config, ConfigError, loadConfig, type Variables } from "../../config.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import type { Check, CheckResult } from "./check.ts";
import { dataFolderCheck, storeLockCheck } from "./data-checks.ts";
import { databaseCheck } from "./database-checks.ts";
import { logSourceCheck } from "./log-checks.ts";
import { clockCheck, diskCheck, gitCheck, nodeCheck } from "./machine-checks.ts";
import { modelCheck } from "./model-check.ts";
import { runChecks } from "./run-checks.ts";
import { servicesCheck } from "./service-checks.ts";
import { dockerCheck, dockerTime, postgresCheck, postgresTime, redisCheck } from "./server-checks.ts";

/** Never throws. Works without a configuration too, by what the environment names. */
export async function examine(options: {
  config?: string;
  cwd: string;
  signal: AbortSignal;
  variables?: Variables;
}): Promise<CheckResult[]> {
  const variables = options.variables ?? allVariables();
  let config: Config | undefined;
  let problem: unknown;
  try {
    config = loadConfig({
      cwd: options.cwd,
      variables,
      ...(options.config !== undefined && { path: options.config }),
    });
  } catch (error) {
    problem = error;
  }
  return runChecks(checksFor(config, problem, { cwd: options.cwd, variables }), options.signal);
}

export function checksFor(
  config: Config | undefined,
  problem: unknown,
  { cwd, variables }: { cwd: string; variables: Variables },
): Check[] {
  const dataDir = config?.dataDir ?? resolve(cwd, ".opsmedic");
  const postgres = config ? config.storage.url : variables["DATABASE_URL"] || undefined;
  const redis = config ? config.queue.url : variables["REDIS_URL"] || undefined;
  const inContainers =
    config?.services.some(({ runtime }) => runtime !== undefined && runtime.kind !== "process") ?? false;
  return [
    nodeCheck(process.version),
    gitCheck("git", variables),
    dockerCheck(inContainers),
    configCheck(config, problem),
    dataFolderCheck(dataDir),
    ...(postgres === undefined ? [storeLockCheck(dataDir)] : [postgresCheck(postgres)]),
    ...(redis === undefined ? [] : [redisCheck(redis)]),
    ...(config && config.services.length > 0 ? [servicesCheck(config.services, variables)] : []),
    ...(config?.services ?? []).flatMap((one) => (one.database ? [databaseCheck(one, one.database)] : [])),
    ...(config?.logs.pulled ?? []).map(logSourceCheck),
    ...(config && config.model.provider !== "none" ? [modelCheck(config.model)] : []),
    clockCheck(
      () => systemClock.now(),
      [...(postgres === undefined ? [] : [postgresTime(postgres)]), dockerTime],
    ),
    diskCheck(dataDir),
  ];
}

function configCheck(config: Config | undefined, problem: unknown): Check {
  return {
    name: "configuration",
    run: async () => {
      if (config === undefined) return brokenConfig(problem);
      const { length } = config.services;
      const found = {
        status: "ok" as const,
        text: `${config.file ?? "given"}, ${length} service${length === 1 ? "" : "s"}`,
      };
      const later = config.warnings.map((text) => ({ status: "warn" as const, text }));
      return [found, ...later];
    },
  };
}

function brokenConfig(problem: unknown): Omit<CheckResult, "name"> {
  if (problem instanceof ConfigError) {
    return {
      status: "fail",
      text: `${problem.complaints.length} complaints`,
      advice: problem.complaints.join("\n"),
    };
  }
  return { status: "fail", text: messageOf(problem), advice: "opsmedic init writes a first one." };
}
