// The scene of remove-containers: an engine's ended containers in memory, whose copies are real and may break off.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CatalogueParts, makeActions } from "../../tools/actions/catalogue.ts";
import { aboutKey, type StoppedContainer, type StoppedContainers } from "../../tools/docker-stopped.ts";
import { makeSetAside, type SetAside } from "../../tools/set-aside.ts";
import type { ActionScene } from "../contract/action.contract.ts";
import { type FakeRuntime, openWorld } from "./world.ts";

interface FakeContainer extends StoppedContainer {
  content: string;
}

/** By name, since one that comes back has another id. */
export function fakeContainers(there: Map<string, FakeContainer>): StoppedContainers {
  const plain = ({ content: _content, ...one }: FakeContainer): StoppedContainer => one;
  return {
    list: () => Promise.resolve({ due: [...there.values()].map(plain), stay: [] }),
    isThere: (id) => Promise.resolve([...there.values()].some((one) => one.id === id)),
    mayGo: ({ name }) => Promise.resolve(there.has(name)),
    parts: ({ id, name }) =>
      Promise.resolve([{ key: aboutKey(id), content: () => bytesOf(there.get(name)?.content ?? "") }]),
    remove: ({ name }) => Promise.resolve(void there.delete(name)),
    async bringBack(one, copies) {
      const copy = copies.get(aboutKey(one.id));
      if (there.has(one.name) || !copy) return false;
      const chunks: Buffer[] = [];
      for await (const chunk of copies.read(copy)) chunks.push(chunk);
      there.set(one.name, { ...one, id: `again ${one.name}`, content: Buffer.concat(chunks).toString() });
      return true;
    },
    differences: ({ name }) => Promise.resolve(there.has(name) ? [] : ["it is not there"]),
    fileSystem: () => Promise.resolve(undefined),
  };
}

async function* bytesOf(text: string): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from(text));
}

export async function removeContainersScene(
  kept: CatalogueParts,
  cuttable: (real: SetAside, runtime: FakeRuntime) => SetAside,
): Promise<ActionScene> {
  const world = await openWorld();
  const all = ["c", "d"].map((letter, n) => ({
    id: letter.repeat(64),
    name: `import-${n}`,
    endedAt: n,
    bytes: 7,
    content: `container ${n}`,
  }));
  const there = new Map(all.map((one) => [one.name, one]));
  const folder = await mkdtemp(join(tmpdir(), "opsmedic-copies-"));
  const setAside = cuttable(makeSetAside(folder), world.runtime);
  const freeSpace = { setAside, ownFolders: [] };
  const action = makeActions({ ...kept, freeSpace, containers: fakeContainers(there) }).get(
    "remove-containers",
  );
  if (action === undefined) throw new Error("no action remove-containers");
  return {
    action,
    params: { at: Date.now(), containers: all.map(({ id, name, bytes }) => ({ id, name, bytes })) },
    context: {
      ...world.context,
      service: { ...world.context.service, cleanUpContainers: { olderThanMs: 0 } },
    },
    world: () =>
      Promise.resolve(
        [...there]
          .map(([name, { content }]) => `${name}: ${content}`)
          .toSorted()
          .join("\n"),
      ),
    cut: (when) => {
      world.runtime.cut = when;
    },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
