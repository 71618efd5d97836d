// The server's loop over a scenario's services: api/watch.ts looks and asks for runs, which are done at once.
import { makePacing } from "../../api/pacing.ts";
import { makeWatch } from "../../api/watch.ts";
import type { wire } from "../../api/wire.ts";
import type { RunRecord } from "../../knowledge/records.ts";

type Wired = Awaited<ReturnType<typeof wire>>;

export interface WatchLoopParts {
  heal: (service: string) => Promise<RunRecord | undefined>;
  /** Takes over what runs ask for: the dependency at fault. */
  onAsked: (run: (service: string) => Promise<void>) => void;
}

export type WatchLoop = AsyncDisposable & { runs: RunRecord[] };

export function watchLoop(
  { engine, opened, services, clock, policy }: Wired,
  { heal, onAsked }: WatchLoopParts,
): WatchLoop {
  const stop = new AbortController();
  const under = new Map<string, Promise<void>>();
  const runs: RunRecord[] = [];
  const perhapsOpen = new Set<string>();
  const pacing = makePacing({ clock, cooldownMs: () => policy.get().breaker.cooldownMs });
  const ended = (run: RunRecord | undefined): void => {
    if (run === undefined) return;
    pacing.ended(run);
    perhapsOpen.add(run.service);
    runs.push(run);
  };
  const ask = async (service: string): Promise<void> => {
    if (under.has(service) || stop.signal.aborted) return;
    const work = heal(service)
      .then(ended)
      .finally(() => under.delete(service));
    under.set(service, work);
  };
  onAsked(ask);
  const watch = makeWatch({
    services,
    monitor: engine.monitor,
    detect: (service, signals) => engine.judge(service, signals),
    knownGood: engine.knownGood,
    clock,
    everyMs: () => 150,
    async requestRun(service, findings) {
      pacing.asked(service, findings);
      await ask(service);
    },
    async onWell({ name: service }) {
      if (engine.runner.isBusy(service) || !perhapsOpen.delete(service)) return;
      const open = await opened.store.incidents.list({ status: "ACTIVE", service, limit: 50 });
      for (const one of open) await engine.resolveIncident(one.id);
    },
    isDue: (service, findings) => !engine.runner.isBusy(service) && pacing.isDue(service, findings),
    onError: () => undefined,
    onBlind: () => undefined,
  });
  const looping = watch.run(stop.signal);
  return {
    runs,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await looping;
      await Promise.all(under.values());
    },
  };
}
