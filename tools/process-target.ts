// A plain process as a Target.
import { availableParallelism } from "node:os";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { Service } from "../domain/service.ts";
import { makeChosenCommand } from "./chosen-command.ts";
import { type ProcessExit, replicaName } from "./process-folder.ts";
import { followProcessLog, lastLines } from "./process-log.ts";
import type { ProcessRuntime, ProcessSupervisor } from "./process-supervisor.ts";
import { endedByOom } from "./process-oom.ts";
import { allowancesOf } from "./process-allowances.ts";
import {
  allowedCpus,
  groupMembers,
  groupProcesses,
  processorTime,
  proportionalMemory,
} from "./process-table.ts";
import type { ResourceUse, ServiceState, Target } from "./target.ts";

export interface ProcessTargetParts {
  supervisor: ProcessSupervisor;
  clock: Clock;
}

/** Shell convention: 128 + signal number. */
const SIGINT_EXIT = 130;
const SIGTERM_EXIT = 143;

/** A loop that never ends still gets this part of a processor on a busy machine, and waits for the rest. */
const WAITS_AT_MOST = 2;

/**
 * Processors wanted between two samples. On a busy machine a loop gets less than a whole processor, and still is one:
 * its waiting counts. Of a process that does little, only little waiting does: else all would look busy there.
 */
function demand(before: ProcessorSample, now: ProcessorSample): number {
  const seconds = Math.max((now.at - before.at) / 1000, 0.001);
  const ran = Math.max(now.ran - before.ran, 0);
  const waited = Math.max(now.waited - before.waited, 0);
  return (ran + Math.min(waited, WAITS_AT_MOST * ran)) / seconds;
}

interface ProcessorSample {
  at: number;
  ran: number;
  waited: number;
}

export function makeProcessTarget(
  service: Service,
  runtime: ProcessRuntime,
  { supervisor, clock }: ProcessTargetParts,
): Target {
  const { name } = service;
  let lastCpu: { at: number; ran: number; waited: number; pid: number } | undefined;

  const chosen = makeChosenCommand({ name, runtime, supervisor, replicas: replicasNow });

  function replicasNow(): number {
    let count = 1;
    while (count < service.limits.maxReplicas && supervisor.running(replicaName(name, count + 1))) count += 1;
    return count;
  }

  function state(): ServiceState {
    const place = supervisor.folderOf(name);
    const record = place.record();
    const common = {
      health: "none",
      oomKilled: false,
      restartCount: Math.max((record?.starts ?? 1) - 1, 0),
    } as const;
    if (!record) {
      const stopped = place.wish() === "stopped";
      return { ...common, status: "absent", instance: "", stoppedByOperator: stopped, replicas: 0 };
    }
    const known = {
      ...common,
      instance: `${record.pid}:${record.startTicks}:${record.starts}`,
    };
    const { startedAt } = record;
    if (supervisor.running(name)) {
      const goneBackTo = chosen.shown();
      return {
        ...known,
        startedAt,
        ...(goneBackTo !== undefined && { goneBackTo: `\`${goneBackTo}\`` }),
        status: "running",
        stoppedByOperator: false,
        replicas: replicasNow(),
      };
    }
    const startError = place.commands.failed(place.lastClaim() + 1);
    // How an earlier run began and ended says nothing of a start that failed: our own end before it was nobody's wish.
    const exit = startError === undefined ? place.exit() : undefined;
    return {
      ...known,
      status: "exited",
      replicas: 0,
      ...(startError === undefined ? { startedAt } : { startError }),
      oomKilled: exit !== undefined && place.wish() === "running" && endedByOom(record, exit),
      stoppedByOperator: wasStoppedByOperator(place.wish(), exit),
      ...(exit && { exitCode: exit.code, finishedAt: exit.at }),
    };
  }

  function use(): ResourceUse | undefined {
    const record = supervisor.running(name);
    if (!record) return undefined;
    const family = groupProcesses(record.groupPid).filter(({ pid }) => pid !== record.groupPid);
    const members = family.filter((one) => one.alive);
    const times = members.map((one) => processorTime(one.pid) ?? { ran: one.cpuSeconds, waited: 0 });
    const now = {
      at: clock.now(),
      pid: record.pid,
      ran: times.reduce((sum, one) => sum + one.ran, 0),
      waited: times.reduce((sum, one) => sum + one.waited, 0),
    };
    const before = lastCpu?.pid === record.pid ? lastCpu : { at: record.startedAt, ran: 0, waited: 0 };
    lastCpu = now;
    const cpus = allowedCpus(record.pid) ?? availableParallelism();
    return {
      cpu: Math.min(demand(before, now) / cpus, 1),
      memoryBytes: members.reduce((sum, one) => sum + (proportionalMemory(one.pid) ?? one.memoryBytes), 0),
      ...(service.limits.maxMemoryBytes !== undefined && { memoryLimitBytes: service.limits.maxMemoryBytes }),
      ...allowancesOf(members.map((one) => one.pid)),
      zombies: family.length - members.length,
    };
  }

  return {
    service: name,
    kind: "process",
    commands: chosen.commands,
    state: async (signal) => {
      signal?.throwIfAborted();
      await supervisor.settled(name);
      return state();
    },
    use: async (signal) => {
      signal?.throwIfAborted();
      return use();
    },
    logs: async (options, signal) => {
      signal?.throwIfAborted();
      return lastLines(supervisor.folderOf(name).log, options, clock);
    },
    followLogs: (onLine, options, signal) =>
      followProcessLog(supervisor.folderOf(name).log, onLine, { ...options, clock, signal }),
    start: (signal) => supervisor.start(name, chosen.runtimeOf(1), signal),
    restart: (signal) => supervisor.restart(name, chosen.runtimeOf(1), signal),
    reload: async (which, signal) => {
      signal?.throwIfAborted();
      supervisor.signal(name, which);
    },
    async scale(replicas, signal) {
      const highest = Math.max(service.limits.maxReplicas, replicasNow(), 1);
      if (replicas < 1 || replicas > highest) {
        throw new HealError(`${name} may have 1 to ${highest} replicas, not ${replicas}.`, {
          code: "replicas-out-of-range",
          hint: "Raise limits.maxReplicas in the configuration.",
        });
      }
      for (let replica = 1; replica <= highest; replica += 1) {
        if (replica <= replicas)
          await supervisor.start(replicaName(name, replica), chosen.runtimeOf(replica), signal);
        else await supervisor.stop(replicaName(name, replica));
      }
    },
    setMemoryLimit() {
      return Promise.reject(
        new HealError(`${name} is a plain process; its memory has no limit that could be changed.`, {
          code: "not-supported",
          hint: "Run it in a container to limit its memory.",
        }),
      );
    },
    pids: async (signal) => {
      signal?.throwIfAborted();
      const record = supervisor.running(name);
      if (!record) return [];
      const others = groupMembers(record.groupPid).map((one) => one.pid);
      return [record.pid, ...others.filter((one) => one !== record.pid && one !== record.groupPid)];
    },
    describe: async (signal) => {
      signal?.throwIfAborted();
      return {
        kind: "process",
        command: [...chosen.runtimeOf(1).command],
        cwd: chosen.runtimeOf(1).cwd,
        variables: supervisor.variablesOf(runtime),
        replicas: replicasNow(),
        instance: state().instance,
      };
    },
  };
}

/**
 * Stopped through opsmedic, or ended by a SIGTERM or SIGINT that was not ours: by its status, or because the whole group
 * got it and the program ended well. A wish of ours in between ("stopping") is a restart that was cut off: a fault.
 */
function wasStoppedByOperator(wish: string, exit: ProcessExit | undefined): boolean {
  if (wish !== "running") return wish === "stopped";
  return exit?.code === SIGTERM_EXIT || exit?.code === SIGINT_EXIT || (exit?.told ?? "none") !== "none";
}
