// All faults of the lab, in the order in which they run.
import { HealError } from "../../domain/errors.ts";
import type { Fault } from "./fault.ts";
import { containerFaults } from "./faults/containers.ts";
import { deadlockFaults } from "./faults/deadlocks.ts";
import { decoyFaults } from "./faults/decoys.ts";
import { dependencyFaults } from "./faults/dependencies.ts";
import { doubleFaults } from "./faults/doubles.ts";
import { hostileFaults } from "./faults/hostile.ts";
import { vainFaults } from "./faults/in-vain.ts";
import { mariadbFaults } from "./faults/mariadb.ts";
import { misleadingFaults } from "./faults/misleading.ts";
import { oldRowFaults } from "./faults/old-rows.ts";
import { postgresFaults } from "./faults/postgres.ts";
import { postgresMigrationFaults } from "./faults/postgres-migrations.ts";
import { processFaults } from "./faults/processes.ts";
import { redisFaults } from "./faults/redis.ts";
import { replicaFaults } from "./faults/replicas.ts";
import { settingFaults } from "./faults/settings.ts";

export const faults: readonly Fault[] = [
  ...processFaults,
  ...settingFaults,
  ...dependencyFaults,
  ...replicaFaults,
  ...decoyFaults,
  ...misleadingFaults,
  ...doubleFaults,
  ...vainFaults,
  ...hostileFaults,
  ...postgresFaults,
  ...deadlockFaults,
  ...postgresMigrationFaults,
  ...oldRowFaults,
  ...mariadbFaults,
  ...redisFaults,
  ...containerFaults,
];

/** By name, kind or world, or "ci"; all where nothing is named. HealError "unknown-fault". */
export function chosen(words: readonly string[], all: readonly Fault[] = faults): Fault[] {
  if (words.length === 0) return [...all];
  for (const word of words) {
    if (!all.some((one) => fits(one, word)))
      throw new HealError(`The lab has no fault "${word}"`, {
        code: "unknown-fault",
        hint: "opsmedic lab run --list names them; a kind, a world or ci chooses several.",
      });
  }
  return all.filter((one) => words.some((word) => fits(one, word)));
}

function fits({ name, kind, needs, ci }: Fault, word: string): boolean {
  return [name, kind, kind.replaceAll(" ", "-"), needs, ci ? "ci" : name].includes(word);
}
