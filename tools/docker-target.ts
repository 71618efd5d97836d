// A container as a Target: named in the configuration, a service of a compose project, or found by label.
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { Service } from "../domain/service.ts";
import { type DockerRuntime, findContainers, inspect, nameOf } from "./docker-binding.ts";
import { commandIdOf, commandOf, type ContainerCommands, wordsIn } from "./docker-command.ts";
import { describeContainer, limitOf, memoryOfHost, memorySettings } from "./docker-describe.ts";
import { askEngine, type DockerApi, type Inspected, statusOf } from "./docker-engine.ts";
import type { ContainerHistory } from "./docker-history.ts";
import { keptAside } from "./docker-kept-aside.ts";
import { dockerLogs, followDockerLogs } from "./docker-logs.ts";
import { alike, forgetFinishedRestart, type Member, toStart, worstFirst } from "./docker-members.ts";
import { assertReplaceable, bringBack, imageOf, originalOf, replaceContainer } from "./docker-replaced.ts";
import { replicasOf, scaleTo } from "./docker-replicas.ts";
import { absent, copyStateOf, instanceOf, stateOf } from "./docker-state.ts";
import { type CpuSample, earlierSampleOf, fullest, sampleOf, statsSchema, useFrom } from "./docker-use.ts";
import { shownCommand } from "./kept-commands.ts";
import type { OwnRestarts } from "./own-restarts.ts";
import { openFilesOf } from "./process-allowances.ts";
import { familyOf, isInControlGroup } from "./process-table.ts";
import type { ResourceUse, Target } from "./target.ts";

export interface DockerTargetParts {
  api: DockerApi;
  clock: Clock;
  history: ContainerHistory;
  ownRestarts: OwnRestarts;
  commands: ContainerCommands;
}

/** What the engine gets beyond the time that it waits for the container itself. */
const BEYOND_GRACE_MS = 30_000;
const DEFAULT_GRACE_SECONDS = 10;
/** A CPU share over less than this is noise; the engine is then asked for two samples, which takes it a second. */
const SHORTEST_SAMPLE_MS = 500;
const LONGEST_SAMPLE_MS = 60_000;

/** Its containers are looked up anew at every call; an action can reach no other. */
export function makeDockerTarget(
  service: Service,
  runtime: DockerRuntime,
  { api, clock, history, ownRestarts, commands }: DockerTargetParts,
): Target {
  const { name } = service;
  const lastSamples = new Map<string, CpuSample>();

  /** The worst off first, which speaks for all: compose may run several of a kind. */
  async function members(signal?: AbortSignal): Promise<Member[]> {
    const all = await findContainers(api, runtime, signal);
    forgetFinishedRestart(name, all, ownRestarts);
    const running = all.filter((one) => one.State.Running).length;
    const replicas = running + (all[0] ? await copiesRunning(all[0], signal) : 0);
    return worstFirst(all, (info) =>
      stateOf(info, { service: name, history, ownRestarts, replicas, now: clock.now(), signal }),
    );
  }

  async function someMembers(signal: AbortSignal | undefined): Promise<[Member, ...Member[]]> {
    signal?.throwIfAborted();
    const [worst, ...others] = await members(signal);
    if (worst) return [worst, ...others];
    throw new HealError(`${name} has no container: ${nameOf(runtime)} does not exist.`, {
      code: "container-missing",
      hint:
        runtime.kind === "compose"
          ? `Create it again with: docker compose -p ${runtime.project} up -d ${runtime.service}`
          : "Create it again, or correct runtime.docker.container in the configuration.",
    });
  }
  const worstOf = async (signal: AbortSignal | undefined): Promise<Inspected> =>
    (await someMembers(signal))[0].info;

  /**
   * What may be restarted beside the worst: others of compose that are as badly off, by their numbers there, and ours,
   * numbered after all of compose's.
   */
  async function copiesNow(signal?: AbortSignal): Promise<{ number: number; info: Inspected }[]> {
    const all = await members(signal);
    const beyond = Math.max(1, ...all.map((one) => one.number)) - 1;
    const replicas = all[0] ? await replicasOf(api, name, all[0].info, signal) : [];
    const ours = await Promise.all(
      replicas.map(async ({ id, number }) => {
        const info = await inspect(api, id, signal);
        return info ? [{ number: number + beyond, info }] : [];
      }),
    );
    return [...alike(all), ...ours.flat()];
  }

  const copiesRunning = async (original: Inspected, signal?: AbortSignal): Promise<number> =>
    (await replicasOf(api, name, original, signal)).filter((one) => one.running).length;

  const ask = <T>(
    what: string,
    signal: AbortSignal | undefined,
    work: (stop: AbortSignal) => Promise<T>,
    info?: Inspected,
  ) => askEngine(api, what, { ...(info && { limitMs: actionLimitMs(info) }), signal }, work);

  async function useOf(info: Inspected, signal?: AbortSignal): Promise<ResourceUse | undefined> {
    if (!info.State.Running || info.State.Restarting) return undefined;
    const instance = instanceOf(info);
    const lastSample = lastSamples.get(info.Id);
    const age = lastSample?.instance === instance ? clock.now() - lastSample.at : Infinity;
    const fresh = age >= SHORTEST_SAMPLE_MS && age <= LONGEST_SAMPLE_MS ? lastSample : undefined;
    const raw = await ask(`Measuring ${name}`, signal, (abortSignal) =>
      api.getContainer(info.Id).stats({
        stream: false,
        ...(fresh && { "one-shot": true }),
        abortSignal,
      } as { stream: false }),
    );
    const read = statsSchema.safeParse(raw);
    if (!read.success) return undefined; // it ended in this moment
    const now = sampleOf(read.data, instance);
    const before = fresh ?? earlierSampleOf(read.data, instance);
    lastSamples.set(info.Id, now);
    const memoryLimitBytes = limitOf(info, await memoryOfHost(api, signal));
    const used = useFrom(read.data, { now, before }, { ...info.HostConfig, memoryLimitBytes });
    const [main] = pidsOf(info);
    const openFiles = main === undefined ? undefined : openFilesOf(main);
    return { ...used, ...(openFiles !== undefined && { openFiles }) };
  }

  async function use(signal?: AbortSignal): Promise<ResourceUse | undefined> {
    const all = await findContainers(api, runtime, signal);
    const ids = new Set(all.map((one) => one.Id));
    for (const id of lastSamples.keys()) if (!ids.has(id)) lastSamples.delete(id);
    return fullest(await Promise.all(all.map((info) => useOf(info, signal))));
  }

  async function restartOne(info: Inspected, what: string, signal?: AbortSignal): Promise<void> {
    const container = api.getContainer(info.Id);
    ownRestarts.begin(name, instanceOf(info));
    // The engine refuses to stop what is paused.
    if (info.State.Paused)
      await ask(`Unpausing ${name}`, signal, (abortSignal) => container.unpause({ abortSignal }));
    await ask(what, signal, (abortSignal) => container.restart({ abortSignal }), info);
    ownRestarts.end(name);
  }

  return {
    service: name,
    kind: "docker",
    state: async (signal) => (await members(signal))[0]?.state ?? absent,
    use,
    logs: (options, signal) => dockerLogs({ api, runtime, clock }, options, signal),
    followLogs: (onLine, options, signal) =>
      followDockerLogs({ api, runtime, clock }, onLine, options, signal),

    async start(signal) {
      const all = await someMembers(signal);
      const [{ info: worst }] = all;
      if (worst.State.Paused) {
        await ask(`Unpausing ${name}`, signal, (abortSignal) =>
          api.getContainer(worst.Id).unpause({ abortSignal }),
        );
      }
      const failures: unknown[] = [];
      for (const { info } of toStart(all)) {
        await ask(
          `Starting ${name}`,
          signal,
          (abortSignal) => api.getContainer(info.Id).start({ abortSignal }),
          info,
        ).catch((error: unknown) => {
          if (statusOf(error) !== 304) failures.push(error); // 304: it runs already
        });
      }
      if (failures.length > 0) throw failures[0]; // what hinders one does not hinder the others
      ownRestarts.end(name);
    },
    restart: async (signal) => restartOne(await worstOf(signal), `Restarting ${name}`, signal),
    async reload(which, signal) {
      const running = (await someMembers(signal)).filter(({ info }) => info.State.Running);
      if (running.length === 0) {
        throw new HealError(`${name} does not run, so it cannot be sent ${which}.`, { code: "not-running" });
      }
      for (const { info } of running) {
        await ask(`Sending ${which} to ${name}`, signal, (abortSignal) =>
          api.getContainer(info.Id).kill({ signal: which, abortSignal }),
        );
      }
    },
    async scale(replicas, signal) {
      const most = service.limits.maxReplicas;
      const [{ info: original, state }, ...others] = await someMembers(signal);
      if (!Number.isInteger(replicas) || replicas < 1 || replicas > Math.max(most, state.replicas)) {
        throw new HealError(`${name} may have 1 to ${most} replicas, not ${replicas}.`, {
          code: "replicas-out-of-range",
          hint: "Raise limits.maxReplicas in the configuration.",
        });
      }
      // Those of compose stay, whatever their number: only ours come and go.
      const beside = others.filter(({ info }) => info.State.Running).length;
      await scaleTo(api, { service: name, original, replicas: Math.max(1, replicas - beside) }, signal);
    },
    copies: {
      async list(signal) {
        const all = await copiesNow(signal);
        return all.map(({ number, info }) => ({ number, ...copyStateOf(info) }));
      },
      async restart(number, signal) {
        const copy = (await copiesNow(signal)).find((one) => one.number === number);
        if (copy) await restartOne(copy.info, `Restarting replica ${number} of ${name}`, signal);
      },
    },
    async setMemoryLimit(bytes, signal) {
      const all = await someMembers(signal);
      const hostBytes = await memoryOfHost(api, signal);
      const like = all[0].info;
      const ours = (await replicasOf(api, name, like, signal)).map(({ id }) => ({ id, like }));
      for (const { id, like } of [...all.map(({ info }) => ({ id: info.Id, like: info })), ...ours]) {
        await ask(`Setting the memory limit of ${name}`, signal, (abortSignal) =>
          api.getContainer(id).update({ ...memorySettings(like, bytes, hostBytes), abortSignal }),
        );
      }
    },
    replaceable: {
      async present(signal) {
        const [{ info: worst }, ...rest] = await someMembers(signal);
        const same = rest.filter(
          ({ info, state }) =>
            info.Image === worst.Image &&
            commandIdOf(info) === commandIdOf(worst) &&
            !state.stoppedByOperator,
        );
        for (const info of [worst, ...same.map((one) => one.info)]) assertReplaceable(info);
        const others = same.map(({ info }) => originalOf(info));
        return {
          imageId: worst.Image,
          commandId: commandIdOf(worst),
          original: originalOf(worst),
          others,
        };
      },
      async keepCommand(signal) {
        const worst = await worstOf(signal);
        const image = await imageOf(api, worst.Image, signal);
        const command = commandOf(worst, image?.Config);
        return { id: commands.keep(command, clock.now()), shown: shownCommand(wordsIn(command)) };
      },
      hasVersion: async ({ imageId, commandId }, signal) =>
        (imageId === undefined || (await imageOf(api, imageId, signal)) !== undefined) &&
        (commandId === undefined || commands.get(commandId) !== undefined),
      async replace(original, { imageId, commandId }, copies, signal) {
        const info = await inspect(api, original.id, signal);
        if (info?.State.Running) ownRestarts.begin(name, instanceOf(info));
        const own = commandId === undefined ? undefined : commands.get(commandId)?.own;
        const wanted = { original: original.id, name: original.name, imageId, own };
        await replaceContainer(api, wanted, signal, keptAside(api, copies, original, signal));
        ownRestarts.end(name);
      },
      bringBack: (original, copies, signal) =>
        bringBack(api, original, signal, copies && keptAside(api, copies, original, signal)),
      async isBack(original, copies, signal) {
        const now = await inspect(api, original.id, signal);
        if (now) return now.Name === `/${original.name}`;
        return copies !== undefined && keptAside(api, copies, original, signal).isBack();
      },
    },
    async pids(signal) {
      const all = await findContainers(api, runtime, signal);
      const running = all.filter((one) => one.State.Running).map(seenFromHere);
      return running.includes(undefined) ? undefined : running.flatMap((one) => one ?? []);
    },
    async describe(signal) {
      const [worst] = await members(signal);
      if (!worst) return { kind: "docker", container: nameOf(runtime), status: "absent" };
      return describeContainer(worst.info, {
        replicas: worst.state.replicas,
        limitBytes: limitOf(worst.info, await memoryOfHost(api, signal)),
      });
    },
  };
}

/** The main process by its number on the engine's machine, where that is this one: its control group names the container. */
function pidsOf(info: Inspected): number[] {
  const { Pid: pid } = info.State;
  return pid > 0 && isInControlGroup(pid, info.Id) ? [pid] : [];
}

function seenFromHere(info: Inspected): readonly number[] | undefined {
  const [main] = pidsOf(info);
  return main === undefined ? undefined : familyOf(main);
}

function actionLimitMs({ Config: config }: Inspected): number {
  const seconds = (config as { StopTimeout?: number }).StopTimeout ?? DEFAULT_GRACE_SECONDS;
  return seconds * 1_000 + BEYOND_GRACE_MS;
}
