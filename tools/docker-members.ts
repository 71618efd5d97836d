// The containers of one service: compose may run several of a kind. The one that is worst off speaks for the service,
// so that one that has ended among others that run is seen, and repaired, as any other.
import type { Inspected } from "./docker-engine.ts";
import { numberOf } from "./docker-binding.ts";
import { instanceOf } from "./docker-state.ts";
import type { OwnRestarts } from "./own-restarts.ts";
import type { ServiceState } from "./target.ts";

export interface Member {
  info: Inspected;
  state: ServiceState;
  /** As compose counts them, from 1. */
  number: number;
}

/** The worst off first; those that are as well as each other by their numbers. */
export async function worstFirst(
  containers: readonly Inspected[],
  stateOf: (info: Inspected) => Promise<ServiceState>,
): Promise<Member[]> {
  const members = await Promise.all(
    containers.map(async (info) => ({
      info,
      state: await stateOf(info),
      number: numberOf(info.Config.Labels),
    })),
  );
  return members.toSorted((a, b) => rankOf(a) - rankOf(b) || a.number - b.number);
}

/** Those that are as badly off as the worst: what helps that one is for them, too. */
export function alike([worst, ...others]: readonly Member[]): Member[] {
  return worst === undefined ? [] : others.filter((one) => rankOf(one) === rankOf(worst));
}

/** Those to start: that have ended and that nobody wanted down. Where all were stopped on purpose, the first. */
export function toStart(members: readonly Member[]): Member[] {
  const ended = members.filter(({ info, state }) => !info.State.Running && !state.stoppedByOperator);
  return ended.length > 0 || members.some(({ info }) => info.State.Running) ? ended : members.slice(0, 1);
}

/** A restart of ours is over as soon as another instance runs, whoever started it. */
export function forgetFinishedRestart(service: string, containers: readonly Inspected[], own: OwnRestarts) {
  const replaced = own.replacing(service);
  if (replaced === undefined) return;
  const now = containers.find((one) => replaced.startsWith(one.Id.slice(0, 12))) ?? containers[0];
  if (now?.State.Running && replaced !== instanceOf(now)) own.end(service);
}

/** What somebody has stopped comes last: while others run, it is not missed. */
function rankOf({ state: { status, health, stoppedByOperator } }: Member): number {
  if (stoppedByOperator) return 4;
  if (status === "paused") return 1;
  if (status !== "running") return 0;
  return health === "unhealthy" ? 2 : 3;
}
