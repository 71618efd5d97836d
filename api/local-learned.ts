// What was learned, out of the store of this process.
import { insightsOf } from "../agents/desk/insights.ts";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { Store, WatchRecord } from "../knowledge/records.ts";
import { calibration } from "../signals/calibration.ts";
import { audited } from "./audited.ts";
import type { CalibrationAnswer, Learned, WatchAnswer } from "./learned.ts";
import type { Observers } from "./observers.ts";

export interface LearnedParts {
  store: Store;
  clock: Pick<Clock, "now">;
  observer?: Pick<Observers, "signs">;
}

const DAY_MS = 24 * 3_600_000;
const WEEK_MS = 7 * DAY_MS;
const MONTH_MS = 30 * DAY_MS;

export function localLearned({ store, clock, observer }: LearnedParts): Learned {
  async function answersOf(watches: readonly WatchRecord[]): Promise<WatchAnswer[]> {
    const now = clock.now();
    const all = await store.watches.warnings({ from: now - MONTH_MS, to: now + 1 });
    return watches.map((one) => {
      const own = all.filter(({ watchId }) => watchId === one.id);
      const shown = observer?.signs.matches(one.service).some(({ watch }) => watch.id === one.id);
      return {
        ...one,
        showing: shown ?? null,
        warnings: own.length,
        lastWarningAt: own.at(-1)?.lastAt ?? null,
      };
    });
  }

  async function answerOf(id: string): Promise<WatchAnswer> {
    const watch = await store.watches.get(id);
    const [answer] = watch === undefined ? [] : await answersOf([watch]);
    if (answer !== undefined) return answer;
    throw new HealError(`There is no standing watch ${JSON.stringify(id.slice(0, 200))}.`, {
      code: "not-found",
      hint: "opsmedic watches ls, or GET /api/watches, lists them.",
    });
  }

  return {
    async calibration({ since = 0, ...filter }) {
      const scored = await store.cases.scored({ since, ...filter });
      return { since, ...calibration(scored), by_playbook: byPlaybook(scored) };
    },
    watches: async ({ service }) => answersOf(await store.watches.list(service)),
    watch: answerOf,
    async removeWatch(id, actor) {
      const watch = await answerOf(id);
      const detail = { service: watch.service, kind: watch.kind };
      await audited(store.audit, actor, "watch.remove", id, detail, () => store.watches.remove(id));
      await observer?.signs.reload();
      return watch;
    },
    weeklyReport({ to = clock.now(), from = to - WEEK_MS }) {
      return insightsOf(store, { since: from, until: to });
    },
  };
}

function byPlaybook(scored: Awaited<ReturnType<Store["cases"]["scored"]>>): CalibrationAnswer["by_playbook"] {
  return [...Map.groupBy(scored, (one) => one.playbook)]
    .flatMap(([playbook, own]) => {
      const { count, successes, bins } = calibration(own, 10_000);
      const [all] = bins;
      if (all === undefined) return [];
      const { meanConfidence, successShare } = all;
      return [{ playbook, count, successes, meanConfidence, successShare }];
    })
    .toSorted((a, b) => b.count - a.count);
}
