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
        const missing = await (await inspectors.of(database)).missingRights(signal);
        if (missing.length === 0) return { status: "ok", text: `${name}: everything can be seen` };
        return missing.map(({ what, grant }) => ({
          status: "warn" as const,
          text: `${name}: ${what}`,
          advice: grant,
        }));
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
