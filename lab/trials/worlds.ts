// Which worlds this machine can make: servers and a container engine are found, never installed.
import { spawnSync } from "node:child_process";
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
  return {
    here: faults.filter((one) => has(one.needs)),
    skipped: faults.flatMap((one) => (has(one.needs) ? [] : [{ fault: one.name, missing: one.needs }])),
  };
}
