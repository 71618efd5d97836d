// What was observed, out of the store of this process and, for what goes on just now, out of its watchers.
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { Outage } from "../domain/outage.ts";
import { logLevels } from "../domain/signal.ts";
import type { LogPatternRecord, Observations } from "../knowledge/observations.ts";
import { gravityOf } from "../domain/log-level.ts";
import { patternDays } from "../signals/patterns/days.ts";
import type { LogSourceAnswer, Observed, PatternAnswer } from "./observed.ts";
import type { Observers } from "./observers.ts";
import { localRules, type RuleParts } from "./local-rules.ts";

export interface ObservedParts extends RuleParts {
  observations: Observations;
  clock: Pick<Clock, "now">;
  /** Absent where nobody watches: the command line without a server. */
  observer?: Pick<
    Observers,
    "logs" | "metrics" | "daysAhead" | "clusters" | "rules" | "changes" | "parameters" | "signs"
  >;
  logSources?: () => LogSourceAnswer[];
  /** Outages of now, as far as services were looked at. */
  outages?: () => Outage[];
  /** How long counts are kept. */
  logsKeptMs?: number;
}

const DAY_MS = 24 * 3_600_000;
const MONTH_MS = 30 * DAY_MS;
const FIVE_MINUTES = 300_000;

export function localObserved(parts: ObservedParts): Observed {
  const { observations, clock, observer, logSources, outages, logsKeptMs } = parts;
  const { lines, patterns, metrics } = observations;

  function answerOf(record: LogPatternRecord): PatternAnswer {
    const { service, template, level, firstSeen, lastSeen, lines: count } = record;
    const now = observer?.logs.pattern(service, record.id);
    return {
      id: `${service}:${record.id}`,
      service,
      template,
      level,
      firstSeen,
      lastSeen,
      lines: count,
      trend: now?.trend ?? null,
      burst: now?.burst ?? null,
    };
  }

  return {
    async logs({ limit, cursor, level, q, ...rest }) {
      const levels = level && logLevels.filter((one) => gravityOf(one) >= gravityOf(level));
      const before = cursor === undefined ? undefined : lineCursor(cursor);
      const found = await lines.list({ ...rest, limit: limit + 1, levels, text: q, before });
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return { logs: page, next_cursor: found.length > limit && last ? `${last.at}-${last.id}` : null };
    },
    logSources: () => Promise.resolve(logSources?.() ?? []),
    async patterns({ limit, cursor, service, q }) {
      const before = cursor === undefined ? undefined : patternCursor(cursor);
      const found = await patterns.list({ limit: limit + 1, service, text: q, before });
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const next_cursor = found.length > limit && last ? `${last.lastSeen}-${last.service}:${last.id}` : null;
      return { patterns: page.map(answerOf), next_cursor };
    },
    async pattern(id) {
      const [service, own] = [id.slice(0, id.lastIndexOf(":")), id.slice(id.lastIndexOf(":") + 1)];
      const record = await patterns.read(service, own);
      if (record === undefined) throw noPattern(id);
      const now = clock.now();
      const all = await patterns.counts(service, own, now - MONTH_MS, now + 1);
      const counts = all.map(({ at, lines: count }) => ({ at, lines: count }));
      // What is older than the counts that are kept was counted, but nobody knows on which day.
      const knownSince = Math.min(counts[0]?.at ?? now, Math.max(record.firstSeen, now - (logsKeptMs ?? 0)));
      const { sameHour, ...days } = patternDays(counts, knownSince, now);
      return {
        ...answerOf(record),
        examples: record.examples,
        counts: counts.filter(({ at }) => at >= now - DAY_MS),
        ...days,
        sameHour: sameHour ? { ...sameHour, unusual: sameHour.unusual ?? null } : null,
        newSince: observer?.changes.before(service, record.firstSeen) ?? null,
        parameters: (observer?.parameters.parameters(service, own, now) ?? []).map((one) => ({
          ...one,
          drift: one.drift ?? null,
        })),
      };
    },
    ...localRules(parts),
    clusters: () =>
      Promise.resolve(
        (observer?.clusters.clusters() ?? []).map(({ firstAt = null, lastAt = null, ...rest }) => ({
          ...rest,
          firstAt,
          lastAt,
        })),
      ),
    anomalies: () => Promise.resolve(observer?.metrics.anomalies() ?? []),
    predictions: ({ service }) =>
      Promise.resolve([
        ...(observer?.metrics.predictions(service) ?? []),
        ...(observer?.daysAhead.predictions(service) ?? []),
      ]),
    outages: ({ service }) =>
      Promise.resolve((outages?.() ?? []).filter((one) => service === undefined || concerns(one, service))),
    metricsHistory({ to = clock.now(), from = to - DAY_MS, stepMs = FIVE_MINUTES, ...rest }) {
      return metrics.read({ ...rest, from, to, stepMs });
    },
  };
}

function concerns({ suspects, services, next }: Outage, service: string): boolean {
  return [...suspects, ...services, ...next].some((one) => one.service === service);
}

function lineCursor(text: string): { at: number; id: number } {
  const [, at, id] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? badCursor(text);
  return { at: Number(at), id: Number(id) };
}

function patternCursor(text: string): { lastSeen: number; service: string; id: string } {
  const [, lastSeen, service = "", id = ""] = /^(\d{1,15})-(.+):([^:]+)$/.exec(text) ?? badCursor(text);
  return { lastSeen: Number(lastSeen), service, id };
}

function badCursor(text: string): never {
  throw new HealError(`${JSON.stringify(text.slice(0, 100))} is no cursor of this list.`, {
    code: "bad-cursor",
    hint: "Pass on next_cursor as it came, or leave cursor away to begin with the latest.",
  });
}

function noPattern(id: string): HealError {
  return new HealError(`There is no log pattern ${JSON.stringify(id.slice(0, 200))}.`, {
    code: "not-found",
    hint: "GET /api/patterns lists them; old ones are removed after the retention time of logs.",
  });
}
