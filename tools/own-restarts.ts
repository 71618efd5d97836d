// Restarts of ours that are under way, on disk: when opsmedic dies between stop and start, the next one knows that
// no operator wanted the service down.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface OwnRestarts {
  /** `instance` is the one that is being replaced. */
  begin(service: string, instance: string): void;
  end(service: string): void;
  /** The instance that was being replaced; undefined: no restart of ours is under way. */
  replacing(service: string): string | undefined;
}

export function makeOwnRestarts(folder: string): OwnRestarts {
  // Names of services are checked by the configuration, and encoded here all the same: they become file names.
  const file = (service: string): string => join(folder, encodeURIComponent(service).replace(/^\./, "%2E"));
  return {
    begin(service, instance) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(file(service), instance, { mode: 0o600 });
    },
    end: (service) => rmSync(file(service), { force: true }),
    replacing(service) {
      try {
        return readFileSync(file(service), "utf8");
      } catch {
        return undefined;
      }
    },
  };
}
