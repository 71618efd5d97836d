// opsmedic is killed with SIGKILL at every boundary of a restore by hand, on each kind of store.
import { describe } from "vitest";
import { emptyDatabase } from "../knowledge/open-test-store.ts";
import { describeWith } from "../services-available.ts";
import { survivesAKilledRestore } from "./killed-restore.ts";

describe("a restore on the embedded store", () => {
  survivesAKilledRestore(() => Promise.resolve(""));
});

describeWith("postgres", "a restore on a PostgreSQL server", () => {
  survivesAKilledRestore(() => emptyDatabase());
});
