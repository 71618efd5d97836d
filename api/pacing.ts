// Pacing: when is another run due for a service whose symptom is still there? At once after a success; with a
// growing delay after "not now" or "a human is needed", so that a lasting trouble does not fill the history.
import type { Clock } from "../domain/clock.ts";
import type { Finding } from "../domain/finding.ts";
import type { RunOutcome } from "../domain/incident.ts";
import type { RunRecord } from "../knowledge/records.ts";

const FIRST_DEFERRAL_MS = 2_000;
const LONGEST_DEFERRAL_MS = 60_000;
const LONGEST_SILENCE_MS = 30 * 60_000;
/** A request that is on its way must not be doubled by the next look. */
const ON_ITS_WAY_MS = 1_000;

interface Pace {
  askedAt: number;
  endedAt: number;
  inVain: number;
  waitMs: number;
  signatures: ReadonlySet<string>;
}

const IN_VAIN: ReadonlySet<RunOutcome> = new Set([
  "escalated",
  "rolled-back",
  "failed",
  "rejected",
  "observed",
  "cancelled",
]);

export type Pacing = ReturnType<typeof makePacing>;

export function makePacing({ clock, cooldownMs }: { clock: Clock; cooldownMs: () => number }) {
  const paces = new Map<string, Pace>();
  const fresh: Pace = { askedAt: -Infinity, endedAt: -Infinity, inVain: 0, waitMs: 0, signatures: new Set() };
  const paceOf = (service: string): Pace => paces.get(service) ?? fresh;

  return {
    isDue(service: string, findings: readonly Finding[]): boolean {
      const pace = paceOf(service);
      const now = clock.now();
      if (now - pace.askedAt < ON_ITS_WAY_MS) return false;
      const isNew = findings.some((one) => !pace.signatures.has(one.signature));
      return (isNew && pace.inVain > 0) || now - pace.endedAt >= pace.waitMs;
    },
    asked(service: string, findings: readonly Finding[]): void {
      const signatures = new Set([...paceOf(service).signatures, ...findings.map((one) => one.signature)]);
      paces.set(service, { ...paceOf(service), askedAt: clock.now(), signatures });
    },
    ended({ service, outcome }: Pick<RunRecord, "service" | "outcome">): void {
      const pace = paceOf(service);
      const inVain =
        outcome === "deferred" || (outcome !== null && IN_VAIN.has(outcome)) ? pace.inVain + 1 : 0;
      const [first, longest] =
        outcome === "deferred"
          ? [FIRST_DEFERRAL_MS, LONGEST_DEFERRAL_MS]
          : [Math.max(cooldownMs(), 1_000), LONGEST_SILENCE_MS];
      const waitMs = inVain === 0 ? 0 : Math.min(first * 2 ** (inVain - 1), longest);
      const signatures = inVain === 0 ? new Set<string>() : pace.signatures;
      paces.set(service, { ...pace, endedAt: clock.now(), inVain, waitMs, signatures });
    },
  };
}
