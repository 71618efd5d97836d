// Which worlds this machine can make: servers and a container engine are found, never installed.
import { spawnSync } from "node:child_process";
import { mountable } from "../small-file-system.ts";
import { postgresBin } from "../postgres-programs.ts";
import type { Fault, Need } from "./fault.ts";

const answers = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: "ignore", timeout: 10_000 }).status === 0;

const isThere: Record<Need, () => boolean> = {
  processes: () => process.platform === "linux",
  postgres: () => postgresBin() !== undefined,
  mariadb: () => answers("mariadbd", "--version"),
  redis: () => answers("redis-server", "--version"),
  docker: () => answers("docker", "version"),
};

/** Those that can be tried here, and those that cannot with what is missing. */
export function possible(faults: readonly Fault[]): {
  here: Fault[];
  skipped: { fault: string; missing: string }[];
} {
  const found = new Map<Need, boolean>();
  const has = (need: Need): boolean => {
    const known = found.get(need) ?? isThere[need]();
    found.set(need, known);
    return known;
  };
  const lacks = (one: Fault): string | undefined => {
    if (!has(one.needs)) return one.needs;
    return one.ownDisk && !mountable ? "the right to mount a disk" : undefined;
  };
  return {
    here: faults.filter((one) => lacks(one) === undefined),
    skipped: faults.flatMap((one) => {
      const missing = lacks(one);
      return missing === undefined ? [] : [{ fault: one.name, missing }];
    }),
  };
}
