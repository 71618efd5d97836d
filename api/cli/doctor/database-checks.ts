// Checks of the databases that are watched: may the role of the configuration see what opsmedic looks at? Read-only.
import { HealError, messageOf } from "../../../domain/errors.ts";
import type { Database, Service } from "../../../domain/service.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import type { DatabaseInspectors } from "../../../tools/database-inspector.ts";
import type { Check } from "./check.ts";

/** Of what runs in a container the engine would have to be asked; the server does so. */
async function diskLines(service: Service, inspectors: DatabaseInspectors, signal: AbortSignal) {
  const { runtime, database } = service;
  if (database?.kind === "redis" || (runtime !== undefined && runtime.kind !== "process")) return [];
  const [{ makeDatabaseDisks }, { makeLinuxMachine }] = await Promise.all([
    import("../../../agents/database-disks.ts"),
    import("../../../tools/linux-machine.ts"),
  ]);
  const none = { of: () => undefined };
  const parts = { inspectors, machine: makeLinuxMachine(), targets: none, clock: systemClock };
  const { disks, unseen } = await makeDatabaseDisks(parts).of(service, signal);
  const seen = disks.map(({ volume, taken }) => `${volume.mount} at ${Math.round(taken * 100)} %`);
  const text =
    seen.length > 0
      ? `where it writes is seen: ${seen.join(", ")}${unseen === undefined ? "" : `; ${unseen}`}`
      : `where it writes is not seen (${unseen ?? "nothing is told"}): of a full disk only its log tells`;
  return [{ status: "ok" as const, text: `${service.name}: ${text}` }];
}

export function databaseCheck(service: Service, database: Database): Check {
  const { name } = service;
  return {
    name: "watched database",
    async run(signal) {
      const { makeDatabaseInspectors } = await import("../../../tools/database-inspectors.ts");
      const inspectors = makeDatabaseInspectors({ clock: systemClock });
      try {
        const inspector = await inspectors.of(database);
        const lacking = (await inspector.missingRights(signal)).map(({ what, grant }) => ({
          status: "warn" as const,
          text: `${name}: ${what}`,
          advice: grant,
        }));
        const can = (await inspector.repairRights(signal)).filter((one) => one.given);
        return [
          ...(lacking.length === 0
            ? [{ status: "ok" as const, text: `${name}: everything can be seen` }]
            : lacking),
          ...(await diskLines(service, inspectors, signal)),
          ...can.map(({ repairs, grant }) => ({
            status: "ok" as const,
            text: `${name}: ${repairs.join(", ")} may be done (${grant.replaceAll(/;$|^the /g, "")})`,
          })),
        ];
      } catch (error) {
        const hint = error instanceof HealError ? error.hint : undefined;
        return {
          status: "warn",
          text: `${name}: ${messageOf(error)}`,
          advice: hint ?? "What goes on inside it is not seen until it answers.",
        };
      } finally {
        inspectors.close();
      }
    },
  };
}
