// Every detector, one symptom each.
import type { Detector } from "../detector.ts";
import { certificateExpiring } from "./certificate-expiring.ts";
import { clockSkew } from "./clock-skew.ts";
import { cpu } from "./cpu.ts";
import { crashLoop } from "./crash-loop.ts";
import { dependencyDown } from "./dependency-down.ts";
import { databaseDetectors } from "./databases.ts";
import { disk } from "./disk.ts";
import { diskFilling } from "./disk-filling.ts";
import { earlyWarning } from "./early-warning.ts";
import { errorRate } from "./error-rate.ts";
import { exited } from "./exited.ts";
import { heartbeatLost } from "./heartbeat-lost.ts";
import { hung } from "./hung.ts";
import { inodes } from "./inodes.ts";
import { latency } from "./latency.ts";
import { limitAhead } from "./limit-ahead.ts";
import { logErrors } from "./log-errors.ts";
import { memory } from "./memory.ts";
import { metricAbsent } from "./metric-absent.ts";
import { newErrors } from "./new-errors.ts";
import { notAsConfigured } from "./not-as-configured.ts";
import { oomKilled } from "./oom-killed.ts";
import { openFiles } from "./open-files.ts";
import { parameterDrift } from "./parameter-drift.ts";
import { rateLimited } from "./rate-limited.ts";
import { ruleMatched } from "./rule-matched.ts";
import { sourceDown } from "./source-down.ts";
import { stoppedByOperator } from "./stopped-by-operator.ts";
import { threads } from "./threads.ts";
import { unhealthy } from "./unhealthy.ts";
import { unreachable } from "./unreachable.ts";
import { zombies } from "./zombies.ts";

export const allDetectors: readonly Detector[] = [
  exited,
  crashLoop,
  oomKilled,
  unhealthy,
  hung,
  unreachable,
  errorRate,
  latency,
  cpu,
  memory,
  disk,
  logErrors,
  newErrors,
  heartbeatLost,
  rateLimited,
  dependencyDown,
  stoppedByOperator,
  sourceDown,
  ruleMatched,
  diskFilling,
  limitAhead,
  metricAbsent,
  parameterDrift,
  ...databaseDetectors,
  earlyWarning,
  certificateExpiring,
  clockSkew,
  openFiles,
  threads,
  zombies,
  inodes,
  notAsConfigured,
];
