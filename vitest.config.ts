import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Every file is a process of its own, and starts more: what one has compiled, the next ones read.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), `opsmedic-compiled-for-tests-${userInfo().uid}`);

/**
 * Minutes each: begun last, they would keep one worker busy while the others have nothing left. Those that mostly wait
 * and those that take all the machine gives are mixed, so that it is seldom idle, and what watches the time has room.
 */
const LONG = [
  "test/end-to-end/demo",
  "test/crash/embedded",
  "test/crash/postgres",
  "test/end-to-end/",
  "test/containers/",
  "test/crash/",
  "test/demo/",
];

class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = LONG.findIndex((folder) => moduleId.includes(folder));
      return place === -1 ? LONG.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Tests start real processes, containers and databases: generous limits that only a hang reaches.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A busy machine may starve one of hundreds of real processes once. Twice in a row is a defect.
    retry: process.env["CI"] === undefined ? 0 : 1,
    pool: "forks",
    // More of them would only wait for each other on a small machine, and starve what the tests watch: with three, a few
    // tests in a run needed their second try.
    maxWorkers: 2,
    sequence: { sequencer: LongOnesFirst },
  },
});
