// opsmedic is killed with SIGKILL at every boundary of a healing, on a PostgreSQL server.
import { emptyDatabase } from "../knowledge/open-test-store.ts";
import { describeWith } from "../services-available.ts";
import { survivesEveryBoundary } from "./every-boundary.ts";
import { scenarios } from "./scenarios.ts";

describeWith("postgres", "a healing on a PostgreSQL server is finished or undone", () => {
  for (const one of scenarios) survivesEveryBoundary(one, () => emptyDatabase());
});
