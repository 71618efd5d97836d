// An operator's start and stop, over the supervisor of this process: into the audit log first, and never while a run
// is at work on the service, which would undo it or be confused by it.
import { HealError } from "../domain/errors.ts";
import type { Service } from "../domain/service.ts";
import type { Audit } from "../knowledge/records.ts";
import { replicaName } from "../tools/process-folder.ts";
import { audited } from "./audited.ts";
import type { Running } from "./running.ts";
import type { Wired } from "./wire.ts";

/** What it needs of what api/wire.ts builds. */
export interface RunningParts {
  services: () => readonly Service[];
  supervisor: Pick<Wired["supervisor"], "running" | "start" | "stop">;
  engine: { runner: Pick<Wired["engine"]["runner"], "exclusively"> };
  store: { audit: Audit };
}

export function localRunning({ services, supervisor, engine, store: { audit } }: RunningParts): Running {
  /** While no run is at it. `work` is done only where it changes something. */
  async function change(name: string, wanted: boolean, work: () => Promise<void>) {
    const changed = await engine.runner.exclusively(name, async () => {
      const before = supervisor.running(name) !== undefined;
      await work();
      return before !== wanted;
    });
    if (changed === undefined) throw busy(name);
    return { service: name, running: wanted, changed };
  }

  return {
    async startService(name, actor) {
      const { runtime } = processOf(services(), name);
      return audited(audit, actor, "service.start", name, {}, () =>
        change(name, true, () => supervisor.start(name, runtime)),
      );
    },
    async stopService(name, actor) {
      const { service } = processOf(services(), name);
      return audited(audit, actor, "service.stop", name, {}, () =>
        change(name, false, async () => {
          for (const one of replicasOf(service).toReversed()) await supervisor.stop(one);
        }),
      );
    },
  };
}

/** Its own process, and those that were added to it. */
function replicasOf({ name, limits }: Service): string[] {
  return Array.from({ length: Math.max(limits.maxReplicas, 1) }, (_, index) => replicaName(name, index + 1));
}

function processOf(services: readonly Service[], name: string) {
  const service = services.find((one) => one.name === name);
  if (service === undefined) {
    throw new HealError(`There is no service ${JSON.stringify(name.slice(0, 200))}.`, {
      code: "unknown-service",
      hint: `Watched are: ${services.map((one) => one.name).join(", ") || "none"}.`,
    });
  }
  const { runtime } = service;
  if (runtime?.kind === "process") return { service, runtime };
  throw new HealError(`${name} is no process that opsmedic runs, so it is not started or stopped here.`, {
    code: "not-run-here",
    hint:
      runtime?.kind === "docker"
        ? "Use docker stop and docker start (or docker compose): a container that was stopped so is left alone."
        : "Stop it where it runs; opsmedic pause keeps every fix away meanwhile.",
  });
}

function busy(name: string): HealError {
  return new HealError(`A run is at work on ${name}; nothing was started or stopped.`, {
    code: "lease-lost",
    retryable: true,
    hint: "Try again when it has ended (opsmedic runs ls), or cancel it first (opsmedic runs cancel ID).",
  });
}
