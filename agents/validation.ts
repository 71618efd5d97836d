// Validation: after a fix, the same eyes that found the symptom look again for a while. Healed means that the
// symptom stays away and nothing got worse, not that a command succeeded, and not that nothing could be seen.
import type { Clock } from "../domain/clock.ts";
import { type Finding, isSymptom } from "../domain/finding.ts";
import type { Incident, Validation } from "../domain/incident.ts";
import type { Policy } from "../domain/policy.ts";
import type { Service } from "../domain/service.ts";
import { only, type ProbeSignal, type Signal } from "../domain/signal.ts";
import type { HealthMonitor } from "./health-monitor.ts";

/** `since`: what is known of earlier, beside the signals, is over. */
export type Detect = (service: Service, signals: readonly Signal[], since?: number) => Finding[];

export interface ValidationParts {
  monitor: HealthMonitor;
  detect: Detect;
  service: (name: string) => Service | undefined;
  /** Services that depend on this one: a fix must not make them worse. */
  neighbours: (name: string) => Service[];
  policy: () => Policy;
  clock: Clock;
  /** Time between two looks. */
  everyMs: number;
  /** Time a service gets to come up before its symptoms count. */
  graceMs: number;
}

/** So many looks in a row with the symptom make it "not healed": one can be the tail of the old trouble. */
const LOOKS_TO_FAIL = 3;

interface Baseline {
  since: number;
  /** Kinds of the symptoms before the fix: these must be gone even as warnings; others count when critical. */
  before: ReadonlySet<string>;
  /** Whether each neighbour was critical already, or suffered from this service, which hides what else it has. */
  neighboursBefore: ReadonlyMap<string, boolean>;
  /** Whether the state could not be seen before either. */
  blindBefore: boolean;
}

interface Look {
  symptoms: Finding[];
  /** Health checks whose last answer since the fix was bad, whether a detector makes a symptom of it yet or not. */
  failing: string[];
  worse: string[];
  /** Why the service's state cannot be seen any more: what nobody sees is not healed. */
  blind: string | undefined;
  probes: { ok: number; failed: number };
}

export function makeValidate(parts: ValidationParts) {
  return async function validate(
    { service: name, findings, application }: Pick<Incident, "service" | "findings" | "application">,
    signal?: AbortSignal,
  ): Promise<Pick<Incident, "validation">> {
    const { clock, policy } = parts;
    const service = parts.service(name);
    if (!service) return { validation: gone(name) };
    const since = application?.appliedAt ?? clock.now();
    const baseline: Baseline = {
      since,
      before: new Set(findings.map((one) => one.kind)),
      neighboursBefore: levelsOfNeighbours(parts, name),
      blindBefore: blindness(parts, name) !== undefined,
    };
    // The whole window is watched from here on, also where a crash lies between: what nobody saw proves nothing.
    const start = clock.now();
    const { forMs } = policy().validate;
    const end = start + forMs;
    const graceEnd = start + Math.min(parts.graceMs, forMs / 2);
    let bad: Look[] = [];
    let looks = 0;
    let failing = 0;
    for (;;) {
      const look = await lookAgain(parts, service, baseline, signal);
      looks += 1;
      // Detectors are patient with a fresh start, maybe for longer than this window: what never answers is not healed.
      failing = look.failing.length > 0 ? failing + 1 : 0;
      const unanswered = failing >= Math.min(LOOKS_TO_FAIL, looks);
      const fine = look.symptoms.length === 0 && look.worse.length === 0;
      if (fine) bad = [];
      else if (clock.now() >= graceEnd) bad.push(look);
      const now = clock.now();
      if (bad.length >= LOOKS_TO_FAIL || (now >= end && (!fine || unanswered)))
        return { validation: failed(look, findings, now - start, looks) };
      const waits = look.blind !== undefined && now < end + forMs;
      if (now >= end && !waits) return { validation: seenWell(look, findings, now - start, looks) };
      await clock.sleep(waits ? parts.everyMs : Math.min(parts.everyMs, Math.max(end - now, 1)), signal);
    }
  };
}

async function lookAgain(
  parts: ValidationParts,
  service: Service,
  { since, before, neighboursBefore, blindBefore }: Baseline,
  signal?: AbortSignal,
): Promise<Look> {
  const window = await parts.monitor.observe(service, signal);
  // Only what happened after the fix counts: the trouble that led to it is still in the window.
  const fresh = window.filter((one) => one.at >= since);
  const probes = only(fresh, "probe");
  return {
    symptoms: parts
      .detect(service, fresh, since)
      .filter((one) => isSymptom(one) && (before.has(one.kind) || one.severity === "critical")),
    failing: failingChecks(probes),
    worse: parts
      .neighbours(service.name)
      .filter((one) => isCritical(parts, one, since) && neighboursBefore.get(one.name) === false)
      .map((one) => one.name),
    blind: blindBefore ? undefined : blindness(parts, service.name),
    probes: { ok: probes.filter((one) => one.ok).length, failed: probes.filter((one) => !one.ok).length },
  };
}

function blindness({ monitor }: ValidationParts, name: string): string | undefined {
  return monitor.unseen(name).find((one) => one.source === "state")?.error;
}

function failingChecks(probes: readonly ProbeSignal[]): string[] {
  const last = new Map(probes.map((one) => [one.probe, one]));
  return [...last.values()].filter((one) => !one.ok).map((one) => one.probe);
}

function levelsOfNeighbours(parts: ValidationParts, name: string): Map<string, boolean> {
  return new Map(
    parts.neighbours(name).map((one) => {
      const suffers = findingsOf(parts, one, 0).some((found) => found.facts["dependency"] === name);
      return [one.name, suffers || isCritical(parts, one, 0)];
    }),
  );
}

function isCritical(parts: ValidationParts, service: Service, since: number): boolean {
  return findingsOf(parts, service, since).some((one) => one.severity === "critical");
}

function findingsOf({ monitor, detect }: ValidationParts, service: Service, since: number): Finding[] {
  const signals = monitor.window(service.name).filter((one) => one.at >= since);
  return detect(service, signals, since);
}

function checksOf(look: Look, before: readonly Finding[]): Validation["checks"] {
  const back = new Set(look.symptoms.map((one) => one.kind));
  return [
    ...before.filter(isSymptom).map((one) => ({
      name: `${one.kind} is gone`,
      ok: !back.has(one.kind),
      text: look.symptoms.find((now) => now.kind === one.kind)?.summary ?? `Was: ${one.summary}`,
    })),
    ...look.symptoms
      .filter((now) => !before.some((one) => one.kind === now.kind))
      .map((now) => ({ name: `no new ${now.kind}`, ok: false, text: now.summary })),
    ...(look.blind === undefined ? [] : [{ name: "it can be seen", ok: false, text: look.blind }]),
    {
      name: "no neighbour got worse",
      ok: look.worse.length === 0,
      text: look.worse.join(", ") || "None did.",
    },
    {
      name: "health checks",
      ok: look.failing.length === 0,
      text: `${look.probes.ok} passed, ${look.probes.failed} failed since the fix.`,
    },
  ];
}

/** Nothing speaks against it, if it could be seen at the end; the window was doubled for that. */
function seenWell(look: Look, before: readonly Finding[], watchedMs: number, looks: number): Validation {
  if (look.blind !== undefined) return failed(look, before, watchedMs, looks);
  const summary = `The symptom stayed away for ${Math.round(watchedMs / 1000)} s (${looks} looks).`;
  return { outcome: "healed", summary, watchedMs, checks: checksOf(look, before) };
}

function failed(look: Look, before: readonly Finding[], watchedMs: number, looks: number): Validation {
  const sameKind = look.symptoms.some((now) => before.some((one) => one.kind === now.kind));
  const isNew = look.symptoms.length > 0 && !sameKind;
  const outcome = isNew || look.worse.length > 0 ? "worse" : "not-healed";
  const what = [
    ...look.symptoms.map((one) => one.summary),
    ...look.failing.map((one) => `${one} fails.`),
    ...look.worse.map((one) => `${one} got worse.`),
    ...(look.blind === undefined ? [] : [`It cannot be seen any more: ${look.blind}`]),
  ].join(" ");
  const summary = `After ${Math.round(watchedMs / 1000)} s (${looks} looks): ${what}`;
  return { outcome, summary, watchedMs, checks: checksOf(look, before) };
}

function gone(name: string): Validation {
  return {
    outcome: "not-healed",
    summary: `The service ${name} is no longer configured, so nothing can be said about it.`,
    watchedMs: 0,
    checks: [],
  };
}
