import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Every file is a process of its own, and starts more: what one has compiled, the next ones read.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), `opsmedic-compiled-for-tests-${userInfo().uid}`);

/** Minutes each: begun last, they would keep one worker busy while the others have nothing left. */
const LONG = [
  "test/crash/embedded",
  "test/crash/postgres",
  "test/end-to-end/",
  "test/containers/",
  "test/crash/",
  "test/demo/",
  "test/scenarios/gone-bad",
];

/**
 * The promise of the first page, fault after fault in two servers side by side. Beside other tests their shops were starved
 * now and then, and a starved shop has troubles of its own.
 */
const ALONE = ["test/end-to-end/demo.test.ts"];

/** They mostly wait for real programs to go bad and to be well again: three side by side keep two processors busy. */
const WAITING = ["containers", "databases", "demo", "end-to-end", "scenarios", "targets"].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

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
    // Tests start real processes, containers and databases: generous limits that only a hang reaches.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A busy machine may starve one of hundreds of real processes once. Twice in a row is a defect.
    retry: process.env["CI"] === undefined ? 0 : 1,
    pool: "forks",
    // One group after the other, or what takes all the machine gives would starve what watches the time.
    projects: [
      {
        extends: true,
        test: {
          name: "alone",
          include: ALONE,
          maxWorkers: 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "waiting",
          include: WAITING,
          exclude: ALONE,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "working",
          include: ["test/**/*.test.ts"],
          exclude: WAITING,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    sequence: { sequencer: LongOnesFirst },
  },
});
