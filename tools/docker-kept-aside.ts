// A container that was replaced, kept as a copy instead of beside its replacement: `docker compose up`, `start` and `restart`
// take every container with their labels for one of the service, and labels of a container cannot be taken away.
import { HealError } from "../domain/errors.ts";
import { inspect } from "./docker-binding.ts";
import type { DockerApi, Inspected } from "./docker-engine.ts";
import { createAgain, differences, notRepeatable, removeAlone } from "./docker-recreated.ts";
import type { Aside } from "./docker-replaced.ts";
import { aboutIn, aboutKey, filesKey, only } from "./docker-stopped.ts";
import { layerContent, putLayer, writableLayerOf } from "./docker-writable-layer.ts";
import type { Copies } from "./set-aside.ts";
import type { KeptOriginal } from "./target.ts";
import { EMPTY_TAR } from "./tar-entries.ts";

/** Of one container, in an archive of copies. */
export function keptAside(
  api: DockerApi,
  copies: Copies,
  { id, name, restartPolicy }: KeptOriginal,
  signal?: AbortSignal,
): Aside {
  return {
    has: () => copies.get(aboutKey(id)) !== undefined,
    async take(info) {
      const layer = notRepeatable(info) ?? (await writableLayerOf(api, info, signal));
      if (typeof layer === "string") return false;
      // As it was before it was stopped for its replacement.
      const host = { ...info.HostConfig, RestartPolicy: restartPolicy };
      const about: Inspected = { ...info, Name: `/${name}`, HostConfig: host };
      await copies.add([
        { key: aboutKey(id), content: () => only(Buffer.from(JSON.stringify(about))) },
        { key: filesKey(id), content: () => layerContent(api, info, layer, signal) },
      ]);
      await removeAlone(api, id, signal);
      return true;
    },
    async putBack() {
      const files = copies.get(filesKey(id));
      if (!files) {
        throw new HealError(`${name}, as it was, is not kept any more`, { code: "copies-gone" });
      }
      const fill = async (again: string): Promise<void> => {
        if (files.bytes > EMPTY_TAR.length) await putLayer(api, again, copies.read(files), signal);
      };
      await createAgain(api, await aboutIn(copies, id), fill, signal);
    },
    async isBack() {
      const now = await inspect(api, name, signal);
      return now?.Name === `/${name}` && differences(await aboutIn(copies, id), now).length === 0;
    },
  };
}
