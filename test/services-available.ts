// Real servers that tests want. Where one is missing, its tests are skipped with the reason; where
// OPSMEDIC_REQUIRE_SERVICES=1 (as in .ci/run), the missing server is a failure instead.
import { execFileSync } from "node:child_process";
import { describe, it } from "vitest";
import { postgresBin } from "../lab/postgres-programs.ts";

const required = process.env["OPSMEDIC_REQUIRE_SERVICES"] === "1";

function works(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore", timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

export { postgresBin };

const available = {
  docker: () => works("docker", ["version", "--format", "{{.Server.Version}}"]),
  redis: () => works("redis-server", ["--version"]),
  postgres: () => postgresBin() !== undefined,
  mariadb: () => works("mariadbd", ["--version"]),
  logger: () => works("logger", ["--version"]),
};
export type Needed = keyof typeof available;

const hint: Record<Needed, string> = {
  docker: "no Docker engine answers",
  redis: "redis-server is not installed",
  postgres: "no PostgreSQL server programs are installed",
  mariadb: "mariadbd is not installed",
  logger: "logger of util-linux is not installed",
};

/** describe() for tests that need a real server. */
export function describeWith(needed: Needed, name: string, tests: () => void): void {
  if (available[needed]()) {
    describe(name, tests);
    return;
  }
  if (required) {
    describe(name, () => {
      it(`needs ${needed}`, () => {
        throw new Error(`${hint[needed]}, and OPSMEDIC_REQUIRE_SERVICES=1 makes that a failure`);
      });
    });
    return;
  }
  describe.skip(`${name} (skipped: ${hint[needed]})`, tests);
}
