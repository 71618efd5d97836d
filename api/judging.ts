// How each service is: what was found at its last look, its level, and since when what it showed before is over. For
// dependants, for validation, and for whoever asks how things are.
import { makeErrorDetector } from "../agents/error-detector.ts";
import type { HealthMonitor } from "../agents/health-monitor.ts";
import type { Detect } from "../agents/validation.ts";
import type { Clock } from "../domain/clock.ts";
import { type Finding, isSymptom, type Level, levelOf } from "../domain/finding.ts";
import type { Service } from "../domain/service.ts";
import { only, type Signal } from "../domain/signal.ts";
import type { Present } from "../graph/nodes.ts";
import type { SeenService } from "./healer.ts";
import type { Observers } from "./observers.ts";
import type { PolicyHolder } from "./policy-holder.ts";

export interface JudgingParts {
  service: (name: string) => Service | undefined;
  monitor: HealthMonitor;
  observers: Pick<Observers, "known" | "noteFindings">;
  policy: Pick<PolicyHolder, "get">;
  clock: Clock;
}

export type Judging = ReturnType<typeof makeJudging>;

export function makeJudging({ service: byName, monitor, observers, policy, clock }: JudgingParts) {
  const errorDetector = makeErrorDetector({ thresholds: () => policy.get().thresholds, clock });
  const levels = new Map<string, Level>();
  const seen = new Map<string, SeenService>();
  const healedAt = new Map<string, number>();

  const present: Present = (name, signals) => {
    const since = healedAt.get(name) ?? 0;
    // A file that was changed stays changed, whatever was healed since.
    return signals.filter((one) => one.at >= since || one.kind === "change");
  };

  const detect: Detect = (service, signals, since = 0) => {
    const dependencies = service.dependsOn.map((name) => ({
      name,
      level: levels.get(name) ?? "healthy",
    }));
    // What led to a repair that was proved to help must not be found again in the window's older part.
    const known = observers.known(service.name, { healedAt: healedAt.get(service.name) ?? 0, since });
    return errorDetector({ service, signals: present(service.name, signals), dependencies, ...known });
  };

  /** Judges a window and remembers the answer, for dependants and for whoever asks how things are. */
  function judge(service: Service, signals: Parameters<Detect>[1]): Finding[] {
    const findings = detect(service, signals);
    observers.noteFindings(service.name, findings);
    const level = levelOf(findings);
    levels.set(service.name, level);
    const blind = blindness(monitor, service.name, signals);
    const latencyMs = only(signals, "probe").at(-1)?.latencyMs ?? null;
    seen.set(service.name, {
      service: service.name,
      level: blind !== undefined && findings.every(isBlindness) ? "unknown" : level,
      latencyMs,
      findings,
      ...(blind !== undefined && { blind }),
      checkedAt: clock.now(),
    });
    return findings;
  }

  /**
   * A dependant whose cause was healed: what it shows from now on counts, what it suffered before is over. `isBusy`: a
   * run is at work on it, and judges it itself.
   */
  async function wellNow(name: string, isBusy: (name: string) => boolean): Promise<boolean> {
    const service = byName(name);
    if (service === undefined || isBusy(name)) return false;
    const began = clock.now();
    const window = await monitor.observe(service).catch(() => []);
    const fresh = window.filter((one) => one.at >= began || one.kind === "change");
    const failed = only(fresh, "probe").some((one) => !one.ok);
    if (failed || blindness(monitor, name, fresh) !== undefined) return false;
    if (detect(service, fresh).some(isSymptom)) return false;
    healedAt.set(name, began);
    judge(service, window);
    return true;
  }

  return {
    /** By service name. */
    levels,
    /** How each service was at its last look. */
    seen,
    present,
    detect,
    judge,
    wellNow,
    /** What was seen of it before `at` led to a repair that was proved to help. */
    healed: (name: string, at: number): void => void healedAt.set(name, at),
  };
}

/** Says no more of the service than that it cannot be seen. */
const isBlindness = ({ kind }: Finding): boolean => kind === "source-down";

/** Why a look saw neither the service nor an answer of it: then "nothing was found" does not mean that it is well. */
function blindness(monitor: HealthMonitor, name: string, signals: readonly Signal[]): string | undefined {
  const unseen = monitor.unseen(name).find((one) => one.source === "state");
  if (only(signals, "probe").length > 0 || (!unseen && only(signals, "state").length > 0)) return undefined;
  if (unseen) return [unseen.error, unseen.hint].filter((one) => one !== undefined).join(" ");
  return "it has neither a runtime nor health checks, so there is nothing to look at";
}
