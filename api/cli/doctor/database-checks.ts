// Checks of the databases that are watched: may the role of the configuration see what opsmedic looks at? Read-only.
import { HealError, messageOf } from "../../../domain/errors.ts";
import type { Database, Service } from "../../../domain/service.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import type { Check } from "./check.ts";

export function databaseCheck({ name }: Pick<Service, "name">, database: Database): Check {
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
