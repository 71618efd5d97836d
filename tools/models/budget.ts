// What asking may cost: calls, tokens, time and money, for a run and for a day. A question is paid for in advance, by an
// estimate, and settled afterwards: what runs side by side, in this process or another, never overdraws together.
import type { Clock } from "../../domain/clock.ts";
import { type DayUsage, differenceOf, type ModelUsage, NO_USAGE, sumOf } from "../../domain/model-usage.ts";

export type Limits = Partial<ModelUsage>;

export interface BudgetParts {
  perRun: Limits;
  perDay: Limits;
  /** Shared by all processes; absent: the day is not counted (a single question of `doctor`). */
  day: DayUsage | undefined;
  clock: Clock;
}

export type Reserved =
  | { status: "ok"; msLeft: number; settle(actual: ModelUsage): Promise<void> }
  | { status: "refused"; why: string };

interface RunCount {
  usage: ModelUsage;
  /** Questions of the run that are under way, and since when at least one is. */
  underWay: number;
  since: number;
}

/** Runs that are over are forgotten after so many others. */
const MOST_RUNS = 500;

const words: Record<keyof ModelUsage, string> = {
  calls: "calls",
  tokens: "tokens",
  ms: "time",
  costMicros: "cost",
};

export function makeBudget({ perRun, perDay, day, clock }: BudgetParts) {
  const runs = new Map<string, RunCount>();

  function countOf(run: string): RunCount {
    const count = runs.get(run) ?? { usage: NO_USAGE, underWay: 0, since: 0 };
    runs.delete(run);
    runs.set(run, count);
    const [oldest] = runs.keys();
    if (runs.size > MOST_RUNS && oldest !== undefined) runs.delete(oldest);
    return count;
  }

  /** How long the run has waited for the model: what is asked side by side counts once. */
  const waited = ({ usage, underWay, since }: RunCount): number =>
    usage.ms + (underWay > 0 ? clock.now() - since : 0);

  function enter(count: RunCount, estimate: ModelUsage): void {
    if (count.underWay === 0) count.since = clock.now();
    count.underWay += 1;
    count.usage = sumOf(count.usage, { ...estimate, ms: 0 });
  }

  function leave(count: RunCount, change: ModelUsage): void {
    const ms = count.underWay === 1 ? clock.now() - count.since : 0;
    count.underWay -= 1;
    count.usage = sumOf(count.usage, { ...change, ms });
  }

  return {
    /** `estimate` counts what the question will cost at most; its ms are not known yet. */
    async reserve(run: string | undefined, estimate: ModelUsage): Promise<Reserved> {
      const count = run === undefined ? undefined : countOf(run);
      const asked = sumOf(count?.usage ?? NO_USAGE, estimate);
      const msLeft = (perRun.ms ?? Number.POSITIVE_INFINITY) - (count ? waited(count) : 0);
      const over = overdrawn({ ...asked, ms: 0 }, perRun) ?? (msLeft <= 0 ? "ms" : undefined);
      if (count && over) return { status: "refused", why: `the run's budget of ${words[over]} is used up` };
      if (count) enter(count, estimate);
      try {
        const today = await day?.add(estimate);
        const overToday = today && overdrawn(today, perDay);
        if (!overToday) return { status: "ok", msLeft, settle };
        await day?.add(differenceOf(NO_USAGE, estimate));
        if (count) leave(count, differenceOf(NO_USAGE, estimate));
        return { status: "refused", why: `the day's budget of ${words[overToday]} is used up` };
      } catch (error) {
        if (count) leave(count, differenceOf(NO_USAGE, estimate));
        throw error;
      }

      async function settle(actual: ModelUsage): Promise<void> {
        if (count) leave(count, differenceOf(actual, estimate));
        await day?.add(differenceOf(actual, estimate));
      }
    },
  };
}
export type Budget = ReturnType<typeof makeBudget>;

function overdrawn(usage: ModelUsage, limits: Limits): keyof ModelUsage | undefined {
  const units: (keyof ModelUsage)[] = ["calls", "tokens", "ms", "costMicros"];
  return units.find((one) => usage[one] > (limits[one] ?? Number.POSITIVE_INFINITY));
}
