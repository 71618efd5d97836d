// Which containers no rule of an owner reaches, whatever their label and age: those that run, are watched or belong to what
// is watched, opsmedic's own, those that somebody else counts, and those without which another could not start.
import { hostname } from "node:os";
import type Docker from "dockerode";
import type { Service } from "../domain/service.ts";
import { COMPOSE_PROJECT, isOf, listedName as nameIn, MANAGED, REPLICA_OF } from "./docker-binding.ts";
import { isComingBack } from "./docker-recreated.ts";
import { REPLACES } from "./docker-like.ts";
import { isKept } from "./docker-replaced.ts";

type Listed = Docker.ContainerInfo;

/** Whose containers somebody else makes, removes and counts. */
const OF_OTHERS = ["com.docker.swarm.task.id", "io.kubernetes.container.name"];

/** `label`: whoever has it asks to be watched. */
export function neededAmong(
  all: readonly Listed[],
  { services, label }: { services: readonly Service[]; label: string },
): (one: Listed) => boolean {
  const isWatched = (one: Listed): boolean =>
    one.Labels[label] === "true" ||
    services.some(
      ({ runtime }) =>
        runtime !== undefined &&
        runtime.kind !== "process" &&
        isOf(runtime, { id: one.Id, name: nameIn(one), labels: one.Labels }),
    );
  const self = hostname();
  const isSelf = ({ Id: id }: Listed): boolean => /^[0-9a-f]{12}$/.test(self) && id.startsWith(self);
  const projects = new Set([
    ...services.flatMap(({ runtime }) => (runtime?.kind === "compose" ? [runtime.project] : [])),
    ...all.filter((one) => isWatched(one) || isSelf(one)).flatMap((one) => one.Labels[COMPOSE_PROJECT] ?? []),
  ]);
  const lentBy = new Set(
    all.flatMap((one) => /^container:(.+)$/.exec(one.HostConfig.NetworkMode)?.[1] ?? []),
  );
  return (one) =>
    one.State !== "exited" ||
    isWatched(one) ||
    projects.has(one.Labels[COMPOSE_PROJECT] ?? "") ||
    isOurs(one) ||
    OF_OTHERS.some((other) => one.Labels[other] !== undefined) ||
    lentBy.has(one.Id) ||
    lentBy.has(nameIn(one));
}

/** Here one label is enough: what looks like ours in any way stays. */
function isOurs(one: Listed): boolean {
  const { [REPLICA_OF]: replica, [MANAGED]: managed, [REPLACES]: replaces } = one.Labels;
  if (replica !== undefined || managed !== undefined || replaces !== undefined) return true;
  return isKept(nameIn(one)) || isComingBack(nameIn(one));
}
