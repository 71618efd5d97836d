// A container as a Target: named in the configuration, a service of a compose project, or found by label.
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { Service } from "../domain/service.ts";
import { type DockerRuntime, findContainer, inspect, nameOf } from "./docker-binding.ts";
import { describeContainer, limitOf, memoryOfHost, memorySettings } from "./docker-describe.ts";
import { askEngine, type DockerApi, type Inspected, statusOf } from "./docker-engine.ts";
import type { ContainerHistory } from "./docker-history.ts";
import { dockerLogs, followDockerLogs } from "./docker-logs.ts";
import { assertReplaceable, bringBack, imageOf, originalOf, replaceContainer } from "./docker-replaced.ts";
import { replicasOf, scaleTo } from "./docker-replicas.ts";
import { absent, copyStateOf, instanceOf, stateOf } from "./docker-state.ts";
import { type CpuSample, earlierSampleOf, sampleOf, statsSchema, useFrom } from "./docker-use.ts";
import type { OwnRestarts } from "./own-restarts.ts";
import { openFilesOf } from "./process-allowances.ts";
import { familyOf, isInControlGroup } from "./process-table.ts";
import type { ResourceUse, Target } from "./target.ts";

export interface DockerTargetParts {
  api: DockerApi;
  clock: Clock;
  history: ContainerHistory;
  ownRestarts: OwnRestarts;
}

/** What the engine gets beyond the time that it waits for the container itself. */
const BEYOND_GRACE_MS = 30_000;
const DEFAULT_GRACE_SECONDS = 10;
/** A CPU share over less than this is noise; the engine is then asked for two samples, which takes it a second. */
const SHORTEST_SAMPLE_MS = 500;
const LONGEST_SAMPLE_MS = 60_000;

/** The container is looked up anew at every call; an action can reach no other. */
export function makeDockerTarget(
  service: Service,
  runtime: DockerRuntime,
  { api, clock, history, ownRestarts }: DockerTargetParts,
): Target {
  const { name } = service;
  let lastSample: CpuSample | undefined;

  async function found(signal: AbortSignal | undefined): Promise<Inspected> {
    signal?.throwIfAborted();
    const info = await findContainer(api, runtime, signal);
    if (info) return info;
    throw new HealError(`${name} has no container: ${nameOf(runtime)} does not exist.`, {
      code: "container-missing",
      hint:
        runtime.kind === "compose"
          ? `Create it again with: docker compose -p ${runtime.project} up -d ${runtime.service}`
          : "Create it again, or correct runtime.docker.container in the configuration.",
    });
  }

  const replicasNow = async (info: Inspected, signal?: AbortSignal): Promise<number> =>
    (info.State.Running ? 1 : 0) + (await replicasOf(api, name, signal)).filter((one) => one.running).length;

  /** A restart of ours is over as soon as another instance runs, whoever started it. */
  function forgetFinishedRestart(info: Inspected): void {
    const replaced = ownRestarts.replacing(name);
    if (replaced !== undefined && info.State.Running && replaced !== instanceOf(info)) ownRestarts.end(name);
  }

  const ask = <T>(
    what: string,
    signal: AbortSignal | undefined,
    work: (stop: AbortSignal) => Promise<T>,
    info?: Inspected,
  ) => askEngine(api, what, { ...(info && { limitMs: actionLimitMs(info) }), signal }, work);

  async function use(signal?: AbortSignal): Promise<ResourceUse | undefined> {
    const info = await findContainer(api, runtime, signal);
    if (!info?.State.Running || info.State.Restarting) return undefined;
    const instance = instanceOf(info);
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
    lastSample = now;
    const memoryLimitBytes = limitOf(info, await memoryOfHost(api, signal));
    const used = useFrom(read.data, { now, before }, { ...info.HostConfig, memoryLimitBytes });
    const [main] = pidsOf(info);
    const openFiles = main === undefined ? undefined : openFilesOf(main);
    return { ...used, ...(openFiles !== undefined && { openFiles }) };
  }

  return {
    service: name,
    kind: "docker",
    async state(signal) {
      const info = await findContainer(api, runtime, signal);
      if (!info) return absent;
      forgetFinishedRestart(info);
      const replicas = await replicasNow(info, signal);
      return stateOf(info, { service: name, history, ownRestarts, replicas, now: clock.now(), signal });
    },
    use,
    logs: (options, signal) => dockerLogs({ api, runtime, clock }, options, signal),
    followLogs: (onLine, options, signal) =>
      followDockerLogs({ api, runtime, clock }, onLine, options, signal),

    async start(signal) {
      const info = await found(signal);
      const container = api.getContainer(info.Id);
      if (info.State.Paused) {
        await ask(`Unpausing ${name}`, signal, (abortSignal) => container.unpause({ abortSignal }));
      } else if (!info.State.Running) {
        await ask(`Starting ${name}`, signal, (abortSignal) => container.start({ abortSignal }), info).catch(
          (error: unknown) => {
            if (statusOf(error) !== 304) throw error; // it runs already
          },
        );
      }
      ownRestarts.end(name);
    },
    async restart(signal) {
      const info = await found(signal);
      const container = api.getContainer(info.Id);
      ownRestarts.begin(name, instanceOf(info));
      // The engine refuses to stop what is paused.
      if (info.State.Paused)
        await ask(`Unpausing ${name}`, signal, (abortSignal) => container.unpause({ abortSignal }));
      await ask(`Restarting ${name}`, signal, (abortSignal) => container.restart({ abortSignal }), info);
      ownRestarts.end(name);
    },
    async reload(which, signal) {
      const info = await found(signal);
      if (!info.State.Running) {
        throw new HealError(`${name} does not run, so it cannot be sent ${which}.`, { code: "not-running" });
      }
      await ask(`Sending ${which} to ${name}`, signal, (abortSignal) =>
        api.getContainer(info.Id).kill({ signal: which, abortSignal }),
      );
    },
    async scale(replicas, signal) {
      const most = service.limits.maxReplicas;
      const original = await found(signal);
      const present = await replicasNow(original, signal);
      if (!Number.isInteger(replicas) || replicas < 1 || replicas > Math.max(most, present)) {
        throw new HealError(`${name} may have 1 to ${most} replicas, not ${replicas}.`, {
          code: "replicas-out-of-range",
          hint: "Raise limits.maxReplicas in the configuration.",
        });
      }
      await scaleTo(api, { service: name, original, replicas }, signal);
    },
    copies: {
      async list(signal) {
        const all = await replicasOf(api, name, signal);
        const states = await Promise.all(
          all.map(async ({ id, number }) => ({ number, info: await inspect(api, id, signal) })),
        );
        return states.flatMap(({ number, info }) => (info ? [{ number, ...copyStateOf(info) }] : []));
      },
      async restart(number, signal) {
        const copy = (await replicasOf(api, name, signal)).find((one) => one.number === number);
        const info = copy && (await inspect(api, copy.id, signal));
        if (!info) return;
        const what = `Restarting replica ${number} of ${name}`;
        await ask(what, signal, (abortSignal) => api.getContainer(info.Id).restart({ abortSignal }), info);
      },
    },
    async setMemoryLimit(bytes, signal) {
      const info = await found(signal);
      const hostBytes = await memoryOfHost(api, signal);
      const ids = [info.Id, ...(await replicasOf(api, name, signal)).map((one) => one.id)];
      for (const id of ids) {
        await ask(`Setting the memory limit of ${name}`, signal, (abortSignal) =>
          api.getContainer(id).update({ ...memorySettings(info, bytes, hostBytes), abortSignal }),
        );
      }
    },
    replaceable: {
      async present(signal) {
        const info = await found(signal);
        assertReplaceable(info);
        return { imageId: info.Image, original: originalOf(info) };
      },
      hasImage: async (id, signal) => (await imageOf(api, id, signal)) !== undefined,
      async replace(original, imageId, signal) {
        const info = await inspect(api, original.id, signal);
        if (info?.State.Running) ownRestarts.begin(name, instanceOf(info));
        await replaceContainer(api, { original: original.id, name: original.name, imageId }, signal);
        ownRestarts.end(name);
      },
      bringBack: (original, signal) => bringBack(api, original, signal),
    },
    async pids(signal) {
      const info = await findContainer(api, runtime, signal);
      return info?.State.Running ? seenFromHere(info) : [];
    },
    async describe(signal) {
      const info = await findContainer(api, runtime, signal);
      if (!info) return { kind: "docker", container: nameOf(runtime), status: "absent" };
      return describeContainer(info, {
        replicas: await replicasNow(info, signal),
        limitBytes: limitOf(info, await memoryOfHost(api, signal)),
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
