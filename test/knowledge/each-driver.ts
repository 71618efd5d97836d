// Runs the same tests on a store of each driver.
import { describe } from "vitest";
import { describeWith } from "../services-available.ts";
import { openTestStore, type TestStore } from "./open-test-store.ts";

export function describeOnEachDriver(name: string, tests: (open: () => Promise<TestStore>) => void): void {
  describe(`${name} on PGlite`, () => {
    tests(() => openTestStore("pglite"));
  });
  describeWith("postgres", `${name} on PostgreSQL`, () => {
    tests(() => openTestStore("postgres"));
  });
}
