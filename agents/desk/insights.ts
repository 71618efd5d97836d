// What was learned in a span of time: what came again, what healed it, what did not, where trust went, whether standing
// watches warned in time. Every number is counted from records, and names them.
import { z } from "zod";
import type {
  CaseRecord,
  IncidentRecord,
  Store,
  WatchRecord,
  WatchWarning,
} from "../../knowledge/records.ts";
import { rateOf, TRUST_REACH_MS, trustOf } from "../trust.ts";

const ids = z.array(z.string());
const pair = { playbook: z.string(), fix: z.string(), service: z.string() };

export const insightsSchema = z.object({
  since: z.number(),
  until: z.number(),
  /** More happened than is counted here: 500 incidents and 1,000 cases at most. */
  truncated: z.boolean(),
  incidents: z.object({ opened: z.int(), resolved: z.int(), escalated: z.int(), active: z.int() }),
  recurring: z.array(
    z.object({
      signature: z.string(),
      service: z.string(),
      title: z.string(),
      /** Within the span, and ever. */
      occurrences: z.int(),
      ever: z.int(),
      incidents: ids,
    }),
  ),
  healed: z.array(z.object({ ...pair, times: z.int(), medianMs: z.number().nullable(), cases: ids })),
  failed: z.array(z.object({ ...pair, times: z.int(), worse: z.int(), cases: ids })),
  /** Chance that the fix heals there, basis points; see trust.ts. */
  trust: z.array(z.object({ ...pair, beforeBp: z.int(), afterBp: z.int() })),
  watches: z.array(
    z.object({
      id: z.string(),
      service: z.string(),
      kind: z.string(),
      told: z.string(),
      /** Within the span. */
      made: z.boolean(),
      warnings: z.int(),
      /** Of incidents that it stands for: warned before the first symptom, or not. */
      inTime: z.int(),
      missed: z.int(),
      /** Warnings that no symptom followed. */
      withoutSymptom: z.int(),
      shortestLeadMs: z.number().nullable(),
    }),
  ),
  /** Decisions that were not carried out though nothing but the mode or missing autonomy stood against them. */
  wouldHaveFixed: z.object({
    total: z.int(),
    right: z.int(),
    wrong: z.int(),
    unclear: z.int(),
    open: z.int(),
  }),
  timeToHeal: z.object({ count: z.int(), meanMs: z.number().nullable(), medianMs: z.number().nullable() }),
  /** What only a person can change, with its records. */
  forPeople: z.array(z.object({ text: z.string(), cites: ids })),
});
export type Insights = z.infer<typeof insightsSchema>;

const MOST_INCIDENTS = 500;
const MOST_CASES = 1_000;
const MOST_PAIRS = 50;
const MOST_SIGNATURES = 200;
/** A symptom within this time of a warning was warned of. */
const WARNED_MS = 2 * 3_600_000;

type Parts = Pick<Store, "decisions" | "cases" | "incidents" | "watches" | "notes">;

export async function insightsOf(
  store: Parts,
  { since, until }: { since: number; until: number },
): Promise<Insights> {
  const [found, stats, recent, watches, warnings] = await Promise.all([
    store.incidents.search({ from: since, to: until, limit: MOST_INCIDENTS }),
    store.incidents.stats({ from: since, to: until }),
    store.cases.recent({ since, limit: MOST_CASES }),
    store.watches.list(),
    store.watches.warnings({ from: since - WARNED_MS, to: until }),
  ]);
  const tried = recent.filter(
    (one) => one.at < until && one.outcome !== "escalated" && one.outcome !== "rejected",
  );
  const recurring = await recurringOf(store, found.incidents);
  const healMs = tried.flatMap((one) =>
    one.outcome === "healed" && one.healMs !== null ? [one.healMs] : [],
  );
  return {
    since,
    until,
    truncated: found.total > MOST_INCIDENTS || recent.length >= MOST_CASES,
    incidents: {
      opened: stats.total,
      resolved: stats.byStatus["RESOLVED"] ?? 0,
      escalated: stats.byStatus["ESCALATED"] ?? 0,
      active: stats.byStatus["ACTIVE"] ?? 0,
    },
    recurring,
    healed: byPair(tried.filter((one) => one.outcome === "healed")).map(([about, cases]) => ({
      ...about,
      times: cases.length,
      medianMs: median(cases.flatMap((one) => one.healMs ?? [])),
      cases: cases.map((one) => one.id),
    })),
    failed: byPair(tried.filter((one) => one.outcome !== "healed")).map(([about, cases]) => ({
      ...about,
      times: cases.length,
      worse: cases.filter((one) => one.outcome === "worse").length,
      cases: cases.map((one) => one.id),
    })),
    trust: await trustMoved(store, tried, { since, until }),
    watches: watches.flatMap((one) => watchStory(one, found.incidents, warnings, { since, until })),
    wouldHaveFixed: await store.decisions.wouldHave({ from: since, to: until }),
    timeToHeal: { count: healMs.length, meanMs: mean(healMs), medianMs: median(healMs) },
    forPeople: await forPeople(store, found.incidents, recurring, tried),
  };
}

async function recurringOf(
  { incidents }: Pick<Store, "incidents">,
  found: readonly IncidentRecord[],
): Promise<Insights["recurring"]> {
  const bySignature = new Map<string, IncidentRecord[]>();
  for (const one of found) {
    for (const signature of one.signatures)
      bySignature.set(signature, [...(bySignature.get(signature) ?? []), one]);
  }
  const all = await Promise.all(
    [...bySignature].slice(0, MOST_SIGNATURES).map(async ([signature, own]) => {
      const ever = (await incidents.ofSignature(signature, MOST_INCIDENTS)).length;
      const { service = "", title = "" } = own[0] ?? {};
      return {
        signature,
        service,
        title,
        occurrences: own.length,
        ever,
        incidents: own.map((one) => one.id),
      };
    }),
  );
  return all
    .filter((one) => one.ever > 1)
    .toSorted((a, b) => b.occurrences - a.occurrences || b.ever - a.ever);
}

type Pair = Pick<CaseRecord, "playbook" | "fix" | "service">;

/** The one with most cases first. */
function byPair(cases: readonly CaseRecord[]): [Pair, CaseRecord[]][] {
  const groups = Map.groupBy(cases, (one) => JSON.stringify([one.playbook, one.fix, one.service]));
  return [...groups.values()]
    .flatMap((own): [Pair, CaseRecord[]][] => {
      const [first] = own;
      return first ? [[{ playbook: first.playbook, fix: first.fix, service: first.service }, own]] : [];
    })
    .toSorted(([, a], [, b]) => b.length - a.length);
}

async function trustMoved(
  { cases }: Pick<Store, "cases">,
  tried: readonly CaseRecord[],
  { since, until }: { since: number; until: number },
): Promise<Insights["trust"]> {
  const moved = await Promise.all(
    byPair(tried)
      .slice(0, MOST_PAIRS)
      .map(async ([about, own]) => {
        const here = { service: about.service, targetKind: own[0]?.targetKind ?? "" };
        const all = await cases.history(about.playbook, about.fix, here, since - TRUST_REACH_MS);
        const rate = (at: number) => {
          const trust = trustOf(
            all.filter((one) => one.day < Math.floor(at / DAY_MS)),
            at,
          );
          return trust ? rateOf(trust) : EVEN_BP;
        };
        // The last day counts whole: outcomes are kept by the day.
        return { ...about, beforeBp: rate(since), afterBp: rate(until + DAY_MS) };
      }),
  );
  return moved.toSorted((a, b) => Math.abs(b.afterBp - b.beforeBp) - Math.abs(a.afterBp - a.beforeBp));
}

const DAY_MS = 24 * 3_600_000;
const EVEN_BP = 5_000;

/** Watches that were made, warned, or whose symptom came; of the others there is nothing to tell. */
function watchStory(
  { id, service, kind, told, signature, createdAt }: WatchRecord,
  incidents: readonly IncidentRecord[],
  warnings: readonly WatchWarning[],
  { since, until }: { since: number; until: number },
): Insights["watches"] {
  const begins = incidents
    .filter(
      (one) => one.service === service && one.signatures.includes(signature) && one.openedAt > createdAt,
    )
    .map((one) => Math.min(one.beganAt ?? one.openedAt, one.openedAt));
  const own = warnings.filter((one) => one.watchId === id);
  const before = (begin: number) => own.find((one) => one.beganAt < begin && one.lastAt >= begin - WARNED_MS);
  const leads = begins.flatMap((begin) => {
    const warning = before(begin);
    return warning ? [begin - warning.beganAt] : [];
  });
  const within = own.filter((one) => one.lastAt >= since);
  const made = createdAt >= since && createdAt < until;
  if (!made && within.length === 0 && begins.length === 0) return [];
  return [
    {
      id,
      service,
      kind,
      told,
      made,
      warnings: within.length,
      inTime: leads.length,
      missed: begins.length - leads.length,
      withoutSymptom: within.filter(
        (one) => !begins.some((begin) => one.beganAt < begin && one.lastAt >= begin - WARNED_MS),
      ).length,
      shortestLeadMs: leads.length > 0 ? Math.min(...leads) : null,
    },
  ];
}

async function forPeople(
  { notes }: Pick<Store, "notes">,
  incidents: readonly IncidentRecord[],
  recurring: Insights["recurring"],
  tried: readonly CaseRecord[],
): Promise<Insights["forPeople"]> {
  const escalated = incidents.filter((one) => one.status === "ESCALATED");
  const said = await notes.of(escalated.map((one) => one.id));
  const open = escalated.filter(
    (one) => !said.some((note) => note.kind === "resolve" && note.incidentId === one.id),
  );
  const masked = recurring.filter(({ signature, occurrences }) => {
    const own = tried.filter((one) => one.signature === signature && one.outcome === "healed");
    return (
      occurrences >= 2 && own.length >= 2 && own.every((one) => ["restart", "reload"].includes(one.fixClass))
    );
  });
  return [
    ...open
      .slice(0, 20)
      .map((one) => ({ text: `${one.service}: ${one.title} It was left to a person.`, cites: [one.id] })),
    ...masked.slice(0, 20).map((one) => ({
      text: `${one.service}: ${one.title} A restart only ended it, ${one.occurrences} times: find why it comes.`,
      cites: one.incidents,
    })),
  ];
}

function mean(all: readonly number[]): number | null {
  return all.length === 0 ? null : all.reduce((sum, one) => sum + one, 0) / all.length;
}

function median(all: readonly number[]): number | null {
  const sorted = all.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
