// opsmedic is killed with SIGKILL at every boundary of a healing, on the embedded store.
import { describe } from "vitest";
import { survivesEveryBoundary } from "./every-boundary.ts";
import { scenarios } from "./scenarios.ts";

describe("a healing on the embedded store is finished or undone", () => {
  for (const one of scenarios) survivesEveryBoundary(one, () => Promise.resolve(""));
});
