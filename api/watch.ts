// The watch loop: looks at every service every few seconds, and at once when the runtime announces something.
// It only decides that a run is due; the run looks at the world again.
import pLimit from "p-limit";
import type { KnownGood } from "../agents/known-good.ts";
import type { HealthMonitor } from "../agents/health-monitor.ts";
import type { Detect } from "../agents/validation.ts";
import type { Clock } from "../domain/clock.ts";
import { type Finding, isSymptom } from "../domain/finding.ts";
import type { Service } from "../domain/service.ts";
import { type EventSignal, type LogSignal, only, type Signal } from "../domain/signal.ts";

export interface WatchParts {
  services: () => readonly Service[];
  monitor: HealthMonitor;
  detect: Detect;
  knownGood: KnownGood;
  clock: Clock;
  everyMs: (service: Service) => number;
  /** Asks for a run; doubled requests are harmless. */
  requestRun: (service: string, findings: readonly Finding[]) => Promise<void>;
  /** Told after each look that found nothing, so that open incidents of the service can close. */
  onWell: (service: Service) => Promise<void>;
  /** Whether a run for these findings is due, or was just made in vain. */
  isDue: (service: string, findings: readonly Finding[]) => boolean;
  onError: (service: string, error: unknown) => void;
  /** A part of the service cannot be seen any more (a finding), or can be again (undefined). Told once each. */
  onBlind: (service: Service, finding: Finding | undefined) => void;
}

const LAST_WORDS_MS = 150;
/** From a line of trouble to the judgement: most come in company, and all of them count. */
const COMPANY_MS = 250;
/** A service that goes on complaining of nothing that is a symptom is judged less and less often, then by the looks. */
const JUDGED_AGAIN_MS = { first: 1_000, most: 30_000 };
/** Of the regular looks: a thousand services at once would be a thousand connections. Announced troubles don't wait. */
const LOOKS_AT_ONCE = 64;

interface Heard {
  service: Service;
  signal: AbortSignal;
  judgedAt: number;
  /** Until it is judged again at the earliest. */
  pauseMs: number;
  /** A judgement is on its way. */
  due: boolean;
}

export type Watch = ReturnType<typeof makeWatch>;

export function makeWatch(parts: WatchParts) {
  const looking = new Map<string, Promise<void>>();
  const rounds = pLimit(LOOKS_AT_ONCE);
  const lookAgain = new Set<string>();
  const blind = new Set<string>();
  const sick = new Set<string>();
  /** Services that are watched, and when they were judged by their logs alone. */
  const watched = new Map<string, Heard>();
  let lastLookAt: number | undefined;

  async function look(service: Service, signal: AbortSignal): Promise<void> {
    const window = await parts.monitor.observe(service, signal);
    lastLookAt = parts.clock.now();
    await judge(service, window);
  }

  async function judge(service: Service, window: readonly Signal[]): Promise<void> {
    const findings = parts.detect(service, window);
    tellBlind(service, findings);
    const symptoms = findings.filter(isSymptom);
    if (symptoms.length > 0) sick.add(service.name);
    else sick.delete(service.name);
    if (symptoms.length === 0) {
      // Not to have seen anything is not to be well.
      if (parts.monitor.unseen(service.name).some((one) => one.source === "state")) return;
      await parts.onWell(service);
      await parts.knownGood.noteHealthy(service, only(window, "state").at(-1));
      return;
    }
    parts.knownGood.noteSick(service);
    if (parts.isDue(service.name, symptoms)) await parts.requestRun(service.name, symptoms);
  }

  /** The alert of what nobody heals. */
  function tellBlind(service: Service, findings: readonly Finding[]): void {
    const finding = findings.find((one) => one.kind === "source-down");
    if (blind.has(service.name) === (finding !== undefined)) return;
    if (finding) blind.add(service.name);
    else blind.delete(service.name);
    parts.onBlind(service, finding);
  }

  /**
   * What came by itself is a symptom without a look: an announced death, lines of trouble. A look takes a second where
   * Docker's statistics are read, and one may be under way that began before the death; the run that this asks for looks
   * for itself anyway.
   */
  async function judgeNow(service: Service): Promise<void> {
    const window = parts.monitor.window(service.name);
    try {
      if (parts.detect(service, window).some(isSymptom)) await judge(service, window);
    } catch (error) {
      parts.onError(service.name, error);
    }
  }

  /** A log tells of trouble before the next look does. Of a service that is known to be sick the looks are enough. */
  function hear({ service: name, level }: LogSignal): void {
    if (level !== "error" && level !== "fatal") return;
    const one = watched.get(name);
    if (one === undefined || one.due || sick.has(name)) return;
    const now = parts.clock.now();
    if (now - one.judgedAt > 2 * JUDGED_AGAIN_MS.most) one.pauseMs = 0;
    one.due = true;
    void parts.clock.sleep(Math.max(COMPANY_MS, one.judgedAt + one.pauseMs - now), one.signal).then(
      () => {
        const pauseMs = Math.min(Math.max(JUDGED_AGAIN_MS.first, one.pauseMs * 2), JUDGED_AGAIN_MS.most);
        Object.assign(one, { due: false, judgedAt: parts.clock.now(), pauseMs });
        return judgeNow(one.service);
      },
      () => undefined,
    );
  }

  /** One look at a time for a service; what arrives meanwhile makes one more look. */
  function lookNow(service: Service, signal: AbortSignal): Promise<void> {
    const running = looking.get(service.name);
    if (running) {
      lookAgain.add(service.name);
      return running;
    }
    const one = look(service, signal)
      .catch((error: unknown) => {
        if (!signal.aborted) parts.onError(service.name, error);
      })
      .finally(() => {
        looking.delete(service.name);
        if (lookAgain.delete(service.name) && !signal.aborted) void lookNow(service, signal);
      });
    looking.set(service.name, one);
    return one;
  }

  async function loop(service: Service, signal: AbortSignal): Promise<void> {
    watched.set(service.name, { service, signal, judgedAt: -Infinity, pauseMs: 0, due: false });
    while (!signal.aborted) {
      await rounds(() => lookNow(service, signal));
      await parts.clock.sleep(parts.everyMs(service), signal).catch(() => undefined);
    }
  }

  return {
    /** Looks at one service again and again, until aborted. */
    watch: loop,
    /** All of them as they are now. */
    async run(signal: AbortSignal): Promise<void> {
      await Promise.all(parts.services().map((service) => loop(service, signal)));
    },
    /** A crash is looked at now, not at the next round. */
    onEvent(event: EventSignal, signal: AbortSignal): void {
      parts.monitor.note(event);
      const service = parts.services().find((one) => one.name === event.service);
      if (!service || !["die", "oom", "unhealthy", "stop"].includes(event.event)) return;
      // The last words of what died arrive a moment after its end, and tell why.
      void parts.clock.sleep(LAST_WORDS_MS, signal).then(
        async () => {
          if (event.event === "die") await judgeNow(service);
          await lookNow(service, signal);
        },
        () => undefined,
      );
    },
    /** A log line, or whatever else came by itself. */
    note(signal: Signal): void {
      parts.monitor.note(signal);
      if (signal.kind === "log") hear(signal);
    },
    lookNow,
    lastLookAt: (): number | undefined => lastLookAt,
  };
}
