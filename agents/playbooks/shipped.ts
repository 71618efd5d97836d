// All playbooks that come with opsmedic.
import type { Playbook } from "../../domain/playbook.ts";
import { cpuRunaway } from "./cpu-runaway.ts";
import { crashAfterBadConfig } from "./crash-after-bad-config.ts";
import { databasePlaybooks } from "./databases.ts";
import { degradedProcess } from "./degraded-process.ts";
import { dependencyDown } from "./dependency-down.ts";
import { diskFull } from "./disk-full.ts";
import { hang } from "./hang.ts";
import { memoryLeak } from "./memory-leak.ts";
import { oomLimitTooLow } from "./oom-limit-too-low.ts";
import { outsideServiceDown } from "./outside-service-down.ts";
import { processCrash } from "./process-crash.ts";
import { rateLimitedByUpstream } from "./rate-limited-by-upstream.ts";
import { resourceSaturation } from "./resource-saturation.ts";
import { timeoutTooShort } from "./timeout-too-short.ts";
import { unhealthyContainer } from "./unhealthy-container.ts";

export const shippedPlaybooks: readonly Playbook[] = [
  cpuRunaway,
  crashAfterBadConfig,
  degradedProcess,
  dependencyDown,
  diskFull,
  hang,
  memoryLeak,
  oomLimitTooLow,
  outsideServiceDown,
  processCrash,
  rateLimitedByUpstream,
  resourceSaturation,
  timeoutTooShort,
  unhealthyContainer,
  ...databasePlaybooks,
];
