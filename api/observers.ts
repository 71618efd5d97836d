// Those who watch the stream of observations over time: logs by pattern, numbers by the minute, errors in clusters.
// Every signal passes here once; what was learned is saved now and then and joined with what other workers saved.
import type { Logger } from "pino";
import { makeClusterFeed } from "../agents/cluster-feed.ts";
import { type LastChanges, makeLastChanges } from "../agents/last-changes.ts";
import { type LogObserver, makeLogObserver } from "../agents/log-observer.ts";
import { HOST, makeMetricObserver } from "../agents/metric-observer.ts";
import { makeSignWatch, type SignWatch } from "../agents/sign-watch.ts";
import { makeParameterWatch, type ParameterWatch } from "../agents/parameter-watch.ts";
import { makeRuleWatch, type RuleWatch } from "../agents/rule-watch.ts";
import { makeMetricWatch, type MetricWatch, type SavedMetricWatch } from "../agents/metric-watch.ts";
import { type DaysAhead, makeDaysAhead } from "../agents/days-ahead.ts";
import type { Known } from "../agents/error-detector.ts";
import { limitOf } from "../agents/series-limits.ts";
import type { Clock } from "../domain/clock.ts";
import { messageOf } from "../domain/errors.ts";
import { type Finding, isSymptom } from "../domain/finding.ts";
import type { LogRule } from "../domain/log-rule.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Thresholds } from "../domain/policy.ts";
import type { Service } from "../domain/service.ts";
import type { Signal } from "../domain/signal.ts";
import type { AcceptedLogs } from "../knowledge/accepted-logs.ts";
import type { Watches } from "../knowledge/records.ts";
import type { LearnedSignals, MetricPoint, Observations, SeriesName } from "../knowledge/observations.ts";
import { type ClustersState, type ErrorClusters, makeErrorClusters } from "../signals/clusters/clusters.ts";
import { makeTemplateMiner, type SavedTemplates } from "../signals/templates/miner.ts";
import { makeLastingTroubles } from "./lasting-troubles.ts";
import { makeSaveTogether, type SaveTogether } from "./save-together.ts";

export interface Observers {
  /** The signal as it is to be remembered: a log line with its pattern. */
  note(signal: Signal): Signal;
  logs: LogObserver;
  metrics: MetricWatch;
  daysAhead: DaysAhead;
  /**
   * What detectors ask of a service beside its signals. Of forecasts and rules only what came after it was healed, of
   * rules also only what came `since`.
   */
  known(service: string, times?: { healedAt?: number; since?: number }): Known;
  /** How the service is now: the series of those with symptoms are watched first. */
  noteFindings(service: string, findings: readonly Pick<Finding, "kind" | "severity">[]): void;
  clusters: ErrorClusters;
  rules: RuleWatch;
  /** One save of what is counted and kept of log lines for all who wait for it. */
  savingLogs: SaveTogether;
  changes: LastChanges;
  parameters: ParameterWatch;
  signs: SignWatch;
  /** What was counted so far goes to the store, and what others stored is taken over. Never rejects. */
  flush(): Promise<void>;
  /** Flushes and saves until aborted, and once more at the end. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export interface ObserversParts {
  /** Whether to go on from what was learned before: whoever only asks a question need not read it. */
  goOn: boolean;
  clock: Clock;
  observations: Observations;
  /** What they hold is in the store after each save of log lines. */
  acceptedLogs?: Pick<AcceptedLogs, "cut"> | undefined;
  /** Standing watches; absent: none is followed. */
  watches?: Pick<Watches, "list" | "warned">;
  logger: Logger;
  /** Rules of the configuration. */
  logRules?: readonly LogRule[];
  /** Asked at each look: they can be changed live. */
  thresholds: () => Thresholds;
  services: () => readonly Service[];
}

/** New patterns are written at every turn, what was counted at every twentieth. */
const TURN_MS = 500;
const FLUSH_EVERY_TURNS = 20;
/** Half an hour: what is learned in it can be learned again. */
const SAVE_EVERY_TURNS = 3_600;
/** Disks fill in days. The first look comes when the first minutes are there. */
const LOOK_AHEAD_EVERY_MS = 3_600_000;
const FIRST_LOOK_AHEAD_MS = 120_000;
/** Written out at once; between them others get their turn. */
const SERIES_AT_ONCE = 10;

export async function makeObservers(parts: ObserversParts): Promise<Observers> {
  const { clock, observations, logger, goOn, thresholds, services } = parts;
  const learned = goOn ? await readLearned(observations.learned, logger) : {};
  const miner = makeTemplateMiner(learned.templates);
  const serviceOf = (name: string) => services().find((one) => one.name === name);
  const limit = (series: SeriesName) => limitOf(series, serviceOf(series.service), thresholds());
  const isGone = (name: string) => name !== HOST && serviceOf(name) === undefined;
  const metrics = makeMetricWatch({ limitOf: limit, isGone }, learned.metrics);
  const history = observations.metrics;
  // The disks of the machine are everybody's, whoever has a place.
  const slowSeries = () => [
    ...metrics.watched().filter((one) => one.service !== HOST),
    ...metrics.seriesOf(HOST),
  ];
  const daysAhead = makeDaysAhead({ clock, history, series: slowSeries, limitOf: limit });
  const clusters = makeErrorClusters({}, learned.clusters);
  const clusterFeed = makeClusterFeed(clusters);
  const logs = makeLogObserver({ clock, miner, store: observations });
  const signs = makeSignWatch({ clock, store: parts.watches ?? noWatches });
  const onMinute = (point: MetricPoint) => {
    metrics.minute(point);
    signs.minute(point);
  };
  const minutes = makeMetricObserver({ clock, store: observations, onMinute });

  const rules = makeRuleWatch({ clock, configured: parts.logRules ?? [], store: observations.rules });
  const changes = makeLastChanges(clock);
  const parameters = makeParameterWatch((service, id) => miner.template(service, id)?.template);

  const { around: tried } = makeLastingTroubles(logger);

  async function saveLogs(): Promise<void> {
    // In one turn: what is accepted from now on is in neither.
    const stored = parts.acceptedLogs?.cut();
    await logs.flush();
    await stored?.();
  }

  const savingLogs = makeSaveTogether({ save: saveLogs, clock });

  async function flush(): Promise<void> {
    clusterFeed.flush();
    await tried("logs", savingLogs.saved);
    await tried("rules", rules.flush);
    await tried("rules of others", rules.reload);
    await tried("numbers", minutes.flush);
    await tried("watches", signs.reload);
    await tried("signs", signs.flush);
  }

  async function save(): Promise<void> {
    const { learned: store } = observations;
    clusterFeed.flush();
    await tried("learned", async () => {
      await store.save(NAMES.templates, plain(miner.save()));
      await store.save(NAMES.clusters, plain(clusters.save()));
      await saveMetrics(store, metrics);
    });
  }

  async function lookAhead(signal: AbortSignal): Promise<void> {
    for (let wait = FIRST_LOOK_AHEAD_MS; !signal.aborted; wait = LOOK_AHEAD_EVERY_MS) {
      await clock.sleep(wait, signal).catch(() => undefined);
      if (!signal.aborted) await tried("days ahead", () => daysAhead.look(signal));
    }
  }

  async function keep(signal: AbortSignal): Promise<void> {
    await tried("rules of others", rules.reload);
    await tried("watches", signs.reload);
    for (let turns = 1; !signal.aborted; turns += 1) {
      await clock.sleep(TURN_MS, signal).catch(() => undefined);
      if (signal.aborted || turns % FLUSH_EVERY_TURNS === 0) await flush();
      else if (logs.hasNew()) await tried("logs", savingLogs.saved);
      if (turns % SAVE_EVERY_TURNS === 0) await save();
    }
    await save();
  }

  return {
    logs,
    metrics,
    daysAhead,
    clusters,
    rules,
    changes,
    parameters,
    signs,
    flush,
    known: (service, { healedAt = 0, since = 0 } = {}) => {
      const from = Math.max(since, healedAt);
      const foretold = [
        ...metrics.predictions(service),
        ...daysAhead.predictions(service),
        ...daysAhead.predictions(HOST),
      ];
      return {
        patterns: logs.notable(service),
        rules: rules.matches(service, from),
        predictions: foretold.filter((one) => one.at >= healedAt),
        absences: metrics.absences(service),
        signs: signs.matches(service, healedAt),
        drifts: () => parameters.drifts(service, clock.now()).filter(({ drift }) => drift.since >= from),
      };
    },
    noteFindings: (service, findings) => metrics.noteSymptoms(service, findings.some(isSymptom)),
    savingLogs,
    note(signal) {
      minutes.note(signal);
      if (signal.kind !== "log") {
        changes.note(signal);
        return signal;
      }
      rules.note(signal);
      const pattern = logs.note(signal);
      clusterFeed.note(signal, pattern);
      parameters.note(signal, pattern);
      signs.line(signal, pattern);
      return { ...signal, pattern };
    },
    async run(signal) {
      await Promise.all([keep(signal), lookAhead(signal)]);
    },
  };
}

const noWatches: Pick<Watches, "list" | "warned"> = {
  list: () => Promise.resolve([]),
  warned: () => Promise.resolve(),
};

const NAMES = { templates: "templates", metrics: "metrics", clusters: "clusters" } as const;

/** Ends with a part that is empty, so that nothing of an earlier, longer list is taken for part of it. */
async function saveMetrics(store: LearnedSignals, metrics: MetricWatch): Promise<void> {
  for (let part = 0; ; part += 1) {
    const saved = metrics.save(part * SERIES_AT_ONCE, SERIES_AT_ONCE);
    await store.save(`${NAMES.metrics}:${part}`, plain(saved));
    if (saved.series.length === 0) return;
  }
}

async function readMetrics(store: LearnedSignals): Promise<SavedMetricWatch> {
  const series: SavedMetricWatch["series"] = [];
  for (let part = 0; ; part += 1) {
    // Written by saveMetrics, and versioned there.
    const saved = (await store.read(`${NAMES.metrics}:${part}`)) as SavedMetricWatch | undefined;
    if (saved === undefined || saved.series.length === 0) return { series };
    series.push(...saved.series);
  }
}

interface Learned {
  templates?: SavedTemplates;
  metrics?: SavedMetricWatch;
  clusters?: ClustersState;
}

/** What cannot be read is learned anew: it is a help, not a record. */
async function readLearned(store: LearnedSignals, logger: Logger): Promise<Learned> {
  try {
    const templates = await store.read(NAMES.templates);
    const clusters = await store.read(NAMES.clusters);
    const metrics = await readMetrics(store);
    // Written by save() above, and versioned there.
    return { templates, clusters, metrics } as unknown as Learned;
  } catch (error) {
    logger.warn({ error: messageOf(error) }, "what was learned could not be read");
    return {};
  }
}

function plain(state: object): JsonObject {
  return state as JsonObject;
}
