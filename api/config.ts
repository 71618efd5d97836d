// Configuration: the only reader of the process's environment. Everything else is handed what it needs.
import { checkEnvironment, type Environment } from "./config/environment.ts";
import { type Config, loadConfigFile, type Overrides, type Variables } from "./config/load.ts";

export { type Complaint, ConfigError } from "./config/complaints.ts";
export type { Environment } from "./config/environment.ts";
export { configJsonSchema } from "./config/json-schema.ts";
export {
  type Config,
  configFromObject,
  findConfigFile,
  type Overrides,
  parseConfig,
  type Variables,
} from "./config/load.ts";
export type { OutsideLogs, PulledLogs, SyslogDoor } from "./config/log-sources.ts";
export { maskSecrets } from "./config/mask.ts";
export type { ConfigInput, RawConfig } from "./config/schema.ts";

/** The variables that opsmedic knows, checked. HealError "config-environment" names every wrong one. */
export function readEnvironment(variables: Variables = process.env): Environment {
  return checkEnvironment(variables);
}

/** All variables as they are, for what is started from here (git, services' own processes). */
export function allVariables(): Variables {
  return { ...process.env };
}

/**
 * The configuration from `path`, $OPSMEDIC_CONFIG, ./opsmedic.yaml or /etc/opsmedic/opsmedic.yaml. ConfigError
 * ("config-invalid") lists everything that is wrong; HealError "config-not-found" says where it was looked for.
 */
export function loadConfig(
  options: { path?: string; variables?: Variables; cwd?: string; overrides?: Overrides } = {},
): Config {
  const { path, variables = process.env, cwd = process.cwd(), overrides } = options;
  return loadConfigFile(path, { variables, cwd, ...(overrides && { overrides }) });
}
