// Where the services keep things on this machine, as far as the configuration says: the disks there are watched for them.
import type { Service } from "../domain/service.ts";
import type { Place } from "./linux-host.ts";
import { folderOf } from "./log-file-glob.ts";

/** Pure: the folders of files that it may change, that it gives up, and of its logs. */
export function keptPlaces(services: readonly Service[]): Place[] {
  return services.flatMap(({ name, files, cleanUp = [], logs }) => {
    const folders = [
      ...(files ? [files.root] : []),
      ...cleanUp.map((one) => one.root),
      ...logs.flatMap((one) => (one.kind === "file" ? [folderOf(one.glob)] : [])),
    ];
    return [...new Set(folders)].map((path) => ({ service: name, path }));
  });
}
