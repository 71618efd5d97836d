// What repairs need on a database, as it is told to a person.
import type { MissingRight, RepairRight } from "./database-inspector.ts";

/** Those that are not given. */
export function lackingRights(all: readonly RepairRight[]): MissingRight[] {
  return all
    .filter((one) => !one.given)
    .map(({ repairs, what, grant }) => ({
      what: `${repairs.join(", ")}: ${what} (needed for repairs only)`,
      grant,
    }));
}
