import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Minutes each: begun last, they would keep one worker busy while the others have nothing left. */
const LONG = ["test/crash/", "test/end-to-end/", "test/containers/", "test/demo/"];

class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      LONG.some((folder) => moduleId.includes(folder));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((one) => !isLong(one))];
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
    // More of them would only wait for each other on a small machine, and starve what the tests watch.
    maxWorkers: 2,
    sequence: { sequencer: LongOnesFirst },
  },
});
