// From what was written under `healing` and `thresholds` to the policy that the gate reads.
import type { Policy } from "../../domain/policy.ts";
import type { RawConfig } from "./schema.ts";
import { ms, ratio } from "./units.ts";
import { parseWindow } from "./windows.ts";

export function toPolicy({ healing, thresholds }: Pick<RawConfig, "healing" | "thresholds">): Policy {
  const { gate, validate, breaker } = healing;
  return {
    mode: healing.mode,
    paused: false,
    gate: { allowBp: Math.round(gate.allow * 100), askBp: Math.round(gate.ask * 100) },
    validate: { forMs: ms(validate.for), maxErrorIncrease: ratio(validate.maxErrorIncrease) },
    breaker: {
      attempts: breaker.attempts,
      withinMs: ms(breaker.within),
      cooldownMs: ms(breaker.cooldown),
      ...(breaker.longestCooldown !== undefined && { longestCooldownMs: ms(breaker.longestCooldown) }),
      symptomReturnsMs: ms(breaker.symptomReturns),
    },
    never: healing.never,
    windows: healing.windows.flatMap(({ deny, timezone }) => parseWindow(deny, timezone) ?? []),
    approvals: {
      expireMs: ms(healing.approvals.expire),
      twoPersons: healing.approvals.twoPersons,
    },
    autonomy: {
      grant: healing.autonomy,
      least: healing.earning.decisions,
      boundBp: Math.round(ratio(healing.earning.bound) * 10_000),
    },
    maxBlastServices: gate.maxServices,
    backupsKeepMs: ms(healing.backups.keep),
    thresholds: {
      cpu: ratio(thresholds.cpu),
      memory: ratio(thresholds.memory),
      disk: ratio(thresholds.disk),
      errorRate: ratio(thresholds.errorRate),
      cacheHitRate: ratio(thresholds.cacheHitRate),
      latencyMs: ms(thresholds.latency),
      queryTimeMs: ms(thresholds.queryTime),
    },
  };
}
