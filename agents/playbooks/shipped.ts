// All playbooks that come with opsmedic.
import type { Playbook } from "../../domain/playbook.ts";
import { badCommand } from "./bad-command.ts";
import { certificateExpired } from "./certificate-expired.ts";
import { certificateRefused } from "./certificate-refused.ts";
import { childLeak } from "./child-leak.ts";
import { clockSkew } from "./clock-skew.ts";
import { connectionLeak } from "./connection-leak.ts";
import { containerMissing } from "./container-missing.ts";
import { containerPaused } from "./container-paused.ts";
import { cpuRunaway } from "./cpu-runaway.ts";
import { crashAfterBadConfig } from "./crash-after-bad-config.ts";
import { databasePlaybooks } from "./databases.ts";
import { crashAfterDeploy } from "./crash-after-deploy.ts";
import { degradedProcess } from "./degraded-process.ts";
import { dependencyDown } from "./dependency-down.ts";
import { diskFull } from "./disk-full.ts";
import { dnsFailure } from "./dns-failure.ts";
import { fileDescriptorsExhausted } from "./file-descriptors-exhausted.ts";
import { hang } from "./hang.ts";
import { healthCheckWrong } from "./health-check-wrong.ts";
import { heapExhausted } from "./heap-exhausted.ts";
import { hostCpuShort } from "./host-cpu-short.ts";
import { hostIoShort } from "./host-io-short.ts";
import { hostMemoryShort } from "./host-memory-short.ts";
import { imageMissing } from "./image-missing.ts";
import { inodesExhausted } from "./inodes-exhausted.ts";
import { memoryLeak } from "./memory-leak.ts";
import { missingSetting } from "./missing-setting.ts";
import { missingVariable } from "./missing-variable.ts";
import { nativeCrash } from "./native-crash.ts";
import { networkDown } from "./network-down.ts";
import { oomLimitTooLow } from "./oom-limit-too-low.ts";
import { outsideServiceDown } from "./outside-service-down.ts";
import { permissionDenied } from "./permission-denied.ts";
import { poolTooSmall } from "./pool-too-small.ts";
import { portTaken } from "./port-taken.ts";
import { processCrash } from "./process-crash.ts";
import { rateLimitedByUpstream } from "./rate-limited-by-upstream.ts";
import { readOnlyFileSystem } from "./read-only-file-system.ts";
import { resourceSaturation } from "./resource-saturation.ts";
import { retryStorm } from "./retry-storm.ts";
import { slowDependency } from "./slow-dependency.ts";
import { threadsExhausted } from "./threads-exhausted.ts";
import { timeoutTooShort } from "./timeout-too-short.ts";
import { unhealthyAfterDeploy } from "./unhealthy-after-deploy.ts";
import { unhealthyContainer } from "./unhealthy-container.ts";
import { unreadableSettings } from "./unreadable-settings.ts";
import { upstreamErrors } from "./upstream-errors.ts";
import { upstreamTimeout } from "./upstream-timeout.ts";
import { volumeFull } from "./volume-full.ts";
import { wrongAddress } from "./wrong-address.ts";

export const shippedPlaybooks: readonly Playbook[] = [
  badCommand,
  certificateExpired,
  certificateRefused,
  childLeak,
  clockSkew,
  connectionLeak,
  containerMissing,
  containerPaused,
  cpuRunaway,
  crashAfterBadConfig,
  crashAfterDeploy,
  degradedProcess,
  dependencyDown,
  diskFull,
  dnsFailure,
  fileDescriptorsExhausted,
  hang,
  healthCheckWrong,
  heapExhausted,
  hostCpuShort,
  hostIoShort,
  hostMemoryShort,
  imageMissing,
  inodesExhausted,
  memoryLeak,
  missingSetting,
  missingVariable,
  nativeCrash,
  networkDown,
  oomLimitTooLow,
  outsideServiceDown,
  permissionDenied,
  poolTooSmall,
  portTaken,
  processCrash,
  rateLimitedByUpstream,
  readOnlyFileSystem,
  resourceSaturation,
  retryStorm,
  slowDependency,
  threadsExhausted,
  timeoutTooShort,
  unhealthyAfterDeploy,
  unhealthyContainer,
  ...databasePlaybooks,
  unreadableSettings,
  upstreamErrors,
  upstreamTimeout,
  volumeFull,
  wrongAddress,
];
