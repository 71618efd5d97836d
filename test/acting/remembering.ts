// The shapes of tables as they are remembered of a database that is well, with a clock of the test's own.
import { expect } from "vitest";
import { makeSchemaSnapshots } from "../../agents/schema-snapshots.ts";
import type { Service } from "../../domain/service.ts";
import type { FileHistory } from "../../tools/backup.ts";
import type { DatabaseInspectors } from "../../tools/database-inspector.ts";

type Files = Parameters<FileHistory["keepGood"]>[1];

/** Proven after a minute. */
export function remembering(service: Service, databases: Pick<DatabaseInspectors, "of">) {
  let files: Files = [];
  let now = 1_000_000;
  const snapshots = makeSchemaSnapshots({
    databases,
    history: {
      async keepGood(_name, given) {
        files = given;
        return "v";
      },
      lastGood: async () => ({ version: "v", at: now, files: [...files] }),
    },
    clock: { now: () => now },
    provenAfterMs: 60_000,
    onProblem: (_service, error) => expect.fail(String(error)),
  });
  return {
    now: () => now,
    files: () => files,
    /** So much later it is well again, or still. */
    async well(laterMs: number): Promise<void> {
      now += laterMs;
      await snapshots.noteHealthy(service);
    },
  };
}
