// remove-containers: containers that have ended and that the owner's rule gives up go, after all that each is was copied: its
// settings, what it has written beside its volumes, its log. Volumes stay.
import { z } from "zod";
import { HealError, messageOf } from "../../domain/errors.ts";
import type { Action, Captured } from "../action.ts";
import { aboutKey, type StoppedContainer, type StoppedContainers } from "../docker-stopped.ts";
import type { Copies, SetAside } from "../set-aside.ts";
import { stale, stateOf } from "./checked.ts";
import { copyFailure } from "./copy-failure.ts";

const containerId = z.string().regex(/^[0-9a-f]{64}$/);
const bytes = z.int().min(0);
const paramsSchema = z.strictObject({
  /** The moment to which ages are counted, Unix ms. */
  at: z.int().min(0),
  containers: z
    .array(z.strictObject({ id: containerId, name: z.string().max(500), bytes }))
    .min(1)
    .max(50),
});
const stateSchema = z.object({
  archive: z.string(),
  containers: z.array(z.object({ id: containerId, name: z.string(), endedAt: z.number(), bytes })),
});

export const REMOVE_CONTAINERS = "remove-containers";

export interface RemoveContainersParts {
  containers: StoppedContainers;
  setAside: SetAside;
}

export function makeRemoveContainers({
  containers,
  setAside,
}: RemoveContainersParts): Action<z.infer<typeof paramsSchema>> {
  async function there<One extends { id: string }>(all: readonly One[], signal: AbortSignal): Promise<One[]> {
    const found: One[] = [];
    for (const one of all) if (await containers.isThere(one.id, signal)) found.push(one);
    return found;
  }
  /** Why it stays; undefined: it went. The copy is of now, whatever an earlier attempt has copied. */
  async function removed(one: StoppedContainer, copies: Copies, signal: AbortSignal): Promise<unknown> {
    if (!(await containers.mayGo(one, signal))) return notNow(one);
    const failure = await copyFailure(copies, () => containers.parts(one, signal), signal);
    if (failure !== undefined) return failure;
    if (!(await containers.mayGo(one, signal))) return notNow(one);
    await containers.remove(one, signal);
    return undefined;
  }
  return {
    name: REMOVE_CONTAINERS,
    summary: "Removes containers that have ended and that the service's owner has given up; volumes stay",
    undoes: "makes every container again as it was, with all that it had written, and leaves it stopped",
    class: "data",
    effect: "reversible",
    risk: "medium",
    params: paramsSchema,
    downtimeMs: () => 0,
    limitMs: 900_000,

    async capture(params, { service, signal }) {
      const { due } = service.cleanUpContainers
        ? await containers.list(service.cleanUpContainers, params.at, signal)
        : { due: [] };
      const meant = params.containers.flatMap(({ id }) => due.find((one) => one.id === id) ?? []);
      // Before a restore by hand all are gone: that is a state as well, with nothing to take back.
      if (meant.length === 0 && (await there(params.containers, signal)).length > 0)
        throw stale("none of these containers may go any more", "diagnose again");
      return {
        // The smallest first: each that goes makes room for the copy of the next.
        state: {
          archive: setAside.newId(),
          containers: meant.toSorted((a, b) => a.bytes - b.bytes).map((one) => ({ ...one })),
        },
        files: [],
      };
    },
    async apply(_params, captured, { signal }) {
      const { archive, containers: all } = stateIn(captured);
      const copies = await setAside.open(archive, { create: true });
      if (!copies) throw new HealError("no archive could be made", { code: "no-room-for-copies" });
      const due = await there(all, signal);
      const failures: unknown[] = [];
      for (const one of due) {
        signal.throwIfAborted();
        const failure = await removed(one, copies, signal);
        if (failure !== undefined) failures.push(failure);
      }
      if (due.length > 0 && failures.length === due.length) throw failures[0];
      const stay = failures.length === 0 ? "" : `; ${failures.length} stay: ${messageOf(failures[0])}`;
      return `${all.length - failures.length} of ${all.length} containers went${stay}`;
    },
    async verify(_params, captured, { signal }) {
      const { archive, containers: all } = stateIn(captured);
      const copies = await setAside.open(archive);
      const still = await there(all, signal);
      let unfinished = 0;
      for (const one of still) {
        if (copies?.get(aboutKey(one.id)) && (await containers.mayGo(one, signal))) unfinished += 1;
      }
      const ok = unfinished === 0 && (still.length < all.length || all.length === 0);
      return { ok, text: `${still.length} of them are still there` };
    },
    async undo(_params, captured, { signal }) {
      const { archive, containers: all } = stateIn(captured);
      if (await setAside.wasRemoved(archive)) {
        throw new HealError("the copies of these containers are not kept any more", { code: "copies-gone" });
      }
      const copies = await setAside.open(archive);
      const failures: unknown[] = [];
      let back = 0;
      for (const one of all) {
        signal.throwIfAborted();
        if (!copies?.get(aboutKey(one.id)) || (await containers.isThere(one.id, signal))) continue;
        try {
          if (await containers.bringBack(one, copies, signal)) back += 1;
        } catch (error) {
          failures.push(error); // what hinders one does not hinder the others
        }
      }
      if (failures.length > 0) throw failures[0];
      return `${back} containers are back, and stopped`;
    },
    async verifyUndo(_params, captured, { signal }) {
      const { archive, containers: all } = stateIn(captured);
      const copies = await setAside.open(archive);
      const lacking: string[] = [];
      for (const one of all) {
        if (!copies?.get(aboutKey(one.id)) || (await containers.isThere(one.id, signal))) continue;
        const differ = await containers.differences(one, copies, signal);
        if (differ.length > 0) lacking.push(`${one.name} (${differ.slice(0, 5).join(", ")})`);
      }
      const ok = lacking.length === 0;
      return { ok, text: ok ? "every container is as it was" : `not as it was: ${lacking.join(", ")}` };
    },
  };
}

function stateIn(captured: Captured) {
  return stateOf(stateSchema, REMOVE_CONTAINERS, captured.state);
}

function notNow({ name }: StoppedContainer): HealError {
  return stale(`${name} was started or is needed since it was looked at`, "diagnose again");
}
