// Reading the configuration again, in the server that goes by it.
import { HealError } from "../domain/errors.ts";
import type { Audit } from "../knowledge/records.ts";
import { audited } from "./audited.ts";
import type { Configuring, ReloadAnswer } from "./configuring.ts";

export interface ConfiguringParts {
  /** Absent: no server, so nothing goes by an older file. */
  reload?: (options: { dryRun: boolean }) => Promise<ReloadAnswer>;
  store: { audit: Audit };
}

export function localConfiguring({ reload, store }: ConfiguringParts): Configuring {
  return {
    async reloadConfig({ dry_run = false }, actor) {
      if (reload === undefined) throw nobodyToTell();
      if (dry_run) return reload({ dryRun: true });
      return audited(store.audit, actor, "config.reload", "opsmedic.yaml", {}, () =>
        reload({ dryRun: false }),
      );
    },
  };
}

function nobodyToTell(): HealError {
  return new HealError("No server runs here that could read its configuration again.", {
    code: "not-supported",
    hint: "Nothing is missing: without a server each command reads opsmedic.yaml anew.",
  });
}
