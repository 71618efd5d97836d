// Builds everything once: the only place that names adapters. Docker or process, embedded store or server,
// model or none is one line here.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Logger } from "pino";
import { goodImages } from "../agents/known-good-image.ts";
import { makeCallWatch } from "../agents/call-watch.ts";
import type { Clock, MakeId } from "../domain/clock.ts";
import { messageOf } from "../domain/errors.ts";
import type { Service } from "../domain/service.ts";
import { systemClock } from "../domain/system-clock.ts";
import { makeAcceptedLogs } from "../knowledge/accepted-logs.ts";
import { makeEmbedder } from "../knowledge/embedders/make-embedder.ts";
import { makeKnowledgeBase } from "../knowledge/knowledge-base.ts";
import { makeDayUsage } from "../knowledge/model-usage.ts";
import { type OpenStore, openStore } from "../knowledge/store.ts";
import { makeActions } from "../tools/actions/catalogue.ts";
import { clearableNow } from "../tools/clean-up.ts";
import { makeDatabaseInspectors } from "../tools/database-inspectors.ts";
import { removeKept } from "../tools/docker-replaced.ts";
import { makeUnusedImages } from "../tools/docker-images.ts";
import { imagesOfRemoved } from "../tools/docker-stopped.ts";
import { makeGitBackups } from "../tools/git-backup.ts";
import { makeGitFileHistory } from "../tools/git-file-history.ts";
import { makeGuardedFiles } from "../tools/guarded-files.ts";
import { keptPlaces } from "../tools/kept-places.ts";
import { makeLinuxHost } from "../tools/linux-host.ts";
import { configuredModel } from "../tools/models/configured-model.ts";
import { makeLinuxMachine } from "../tools/linux-machine.ts";
import { makeProber } from "../tools/prober.ts";
import { makePrometheusScraper } from "../tools/prometheus-scrape.ts";
import { makeSetAside } from "../tools/set-aside.ts";
import type { ServiceFiles } from "../tools/service-files.ts";
import { makeSystemNetwork } from "../tools/system-network.ts";
import type { Config } from "./config.ts";
import { type Engine, makeEngine } from "./engine.ts";
import type { EngineParts, EngineTiming } from "./engine-parts.ts";
import type { LiveEvents } from "./operations.ts";
import { makeObservers } from "./observers.ts";
import { loadPlaybooks } from "./playbooks/load.ts";
import { makePolicyHolder } from "./policy-holder.ts";
import { type InForce, makeRuntimes } from "./runtimes.ts";

export interface WireOptions {
  config: Config;
  logger: Logger;
  live: LiveEvents;
  requestRun: (service: string, reason: string) => Promise<void>;
  /** What git, exec probes and services' processes get: PATH, HOME, LANG. */
  baseEnv: Readonly<Record<string, string>>;
  /** unix:///var/run/docker.sock or tcp://host:port. */
  dockerHost?: string;
  clock?: Clock;
  makeId?: MakeId;
  timing?: Partial<EngineTiming>;
  /** For tests: shorter than a configuration may say. */
  indexTimes?: Partial<EngineParts["indexTimes"]>;
  /** A server, which watches all the time and goes on from what it has learned. */
  watches?: boolean;
  /** false: nobody follows the logs and notes their lines, so each look reads them. Absent: somebody does. */
  followsLogs?: boolean;
  /** For tests: a store that is open already. It is closed with the rest. */
  opened?: OpenStore;
}

export type Wired = Awaited<ReturnType<typeof wire>>;

const usualTiming: EngineTiming = {
  validateEveryMs: 2_000,
  graceMs: 15_000,
  leaseMs: 15_000,
  provenAfterMs: 30_000,
  undoPatienceMs: 180_000, // a failover of a managed database takes up to two minutes
};

/** Sorts by time of making: 9 characters of time, then chance. */
export const systemIds: MakeId = (prefix) =>
  `${prefix}_${Date.now().toString(36)}${randomBytes(4).toString("hex")}`;

export async function wire(options: WireOptions) {
  const { config, logger, live, baseEnv, requestRun, clock = systemClock, makeId = systemIds } = options;
  const { dataDir } = config;
  const opened = options.opened ?? (await openStore({ dataDir, url: config.storage.url }, { clock, makeId }));
  try {
    await freeDeadLeases(opened);
    const inForce: InForce = { services: config.services };
    const runtimes = makeRuntimes({ ...options, inForce, clock });
    const { services: current, supervisor, docker, targets, containers } = runtimes;
    const gitFolder = join(dataDir, "backups.git");
    const fileHistory = makeGitFileHistory({ folder: gitFolder, clock });
    const backups = makeGitBackups({ folder: gitFolder, clock });
    const setAside = makeSetAside(config.copiesFolder);
    const ownFolders = [dataDir, config.copiesFolder];
    const images = makeUnusedImages({
      api: docker.api,
      kept: async () =>
        new Set([...(await goodImages(opened.store.settings)), ...(await imagesOfRemoved(setAside))]),
    });
    const prober = makeProber({ clock, execEnv: baseEnv });
    const freeSpace = { setAside, ownFolders };
    const actions = makeActions({ fileHistory, freeSpace, images, containers, prober });
    const policy = await makePolicyHolder({
      configured: config.policy,
      settings: opened.store.settings,
      clock,
    });
    const filesOf = makeFilesOf();
    const databases = makeDatabaseInspectors({ clock });
    const timing = { ...usualTiming, ...options.timing };
    // A server's own disk is quicker than the embedded store in its process; beside a database it promises less.
    const acceptedLogs =
      opened.kind === "embedded"
        ? makeAcceptedLogs(join(dataDir, "accepted-logs"), (problem) =>
            logger.warn({ problem: messageOf(problem) }, "accepted logs"),
          )
        : undefined;
    const knownPlaybooks = await loadPlaybooks(config.baseDir);
    const playbooks = knownPlaybooks.map((one) => one.playbook);
    const observers = await makeObservers({
      clock,
      observations: opened.observations,
      acceptedLogs,
      watches: opened.store.watches,
      logger,
      goOn: options.watches ?? false,
      logRules: config.logRules,
      thresholds: () => policy.get().thresholds,
      services: current,
    });
    const calls = makeCallWatch({ services: current, clock });
    const knowledge = makeKnowledgeBase({
      db: opened.db,
      kind: opened.kind,
      ...opened.store,
      embedder: makeEmbedder(config.embeddings),
      playbooks,
      clock,
      makeId,
      onProblem: (error) => logger.warn({ error: messageOf(error) }, "knowledge"),
    });
    const model = configuredModel(config.model, { clock, day: makeDayUsage(opened.db, clock) });
    const engine: Engine = makeEngine({
      opened,
      services: current,
      targets,
      prober,
      host: makeLinuxHost({ mounts: [...new Set(["/", dataDir])], places: () => keptPlaces(current()) }),
      machine: makeLinuxMachine(),
      network: makeSystemNetwork(),
      playbooks,
      metrics: makePrometheusScraper({ clock }),
      databases,
      actions,
      backups,
      fileHistory,
      filesOf,
      knowledge,
      model,
      policy,
      live,
      logger,
      clock,
      makeId,
      timing,
      observers,
      logsFollowed: options.followsLogs ?? true,
      calls,
      images,
      containers,
      clearable: (rules, at) => clearableNow(rules, at, ownFolders),
      requestRun,
      indexTimes: { ...config.healing.ownIndexes, ...options.indexTimes },
      reminders: config.reminders,
      publicUrl: config.server.publicUrl,
    });
    return {
      /** As it was at the start; `inForce` is what counts now of what a reload takes over. */
      config,
      inForce,
      opened,
      services: current,
      supervisor,
      docker,
      discovered: runtimes.discovered,
      targets,
      databases,
      backups,
      setAside,
      removeReplaced: async (olderThan: number) =>
        runtimes.inContainers() ? removeKept(docker.api, olderThan) : [],
      fileHistory,
      filesOf,
      actions,
      policy,
      playbooks,
      knownPlaybooks,
      engine,
      knowledge,
      recall: knowledge,
      observers,
      calls,
      model,
      acceptedLogs,
      events: runtimes.events,
      clock,
      makeId,
      live,
      logger,
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** On the embedded store nobody else can be at work (its folder has one holder): what is held, a killed process left. */
async function freeDeadLeases({ kind, store: { leases } }: OpenStore): Promise<void> {
  if (kind !== "embedded") return;
  for (const lease of await leases.held()) await leases.release(lease);
}

/** What is passed on to git and to services' processes: no secret of the server's own. */
export function processEnv(variables: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"];
  return Object.fromEntries(
    names.flatMap((name) => (variables[name] === undefined ? [] : [[name, variables[name]]])),
  );
}

/** One guard a service, made once. */
function makeFilesOf(): (service: Service) => ServiceFiles | undefined {
  const made = new WeakMap<object, ServiceFiles>();
  return ({ files }) => {
    if (!files) return undefined;
    const known = made.get(files) ?? makeGuardedFiles(files);
    made.set(files, known);
    return known;
  };
}
