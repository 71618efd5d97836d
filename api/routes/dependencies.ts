// /api/dependencies: who needs whom, declared or seen in traces.
import { z } from "zod";
import type { Dependencies } from "../dependencies.ts";
import { endpoint, handle, type Route } from "../http/endpoint.ts";
import { dependency } from "../http/schemas/dependencies.ts";
import { given } from "./given.ts";

export const dependencies = {
  list: endpoint({
    method: "get",
    path: "/api/dependencies",
    role: "viewer",
    tag: "Observed",
    summary: "Who needs whom, as the configuration declares and as traces show, with calls, errors and times",
    query: z.strictObject({ service: z.string().min(1).max(200).optional() }),
    response: z.object({ dependencies: z.array(dependency) }),
  }),
};

export function dependencyRoutes(operations: Dependencies): Route[] {
  return [
    handle(dependencies.list, async ({ query }) => ({
      dependencies: await operations.dependencies(given(query)),
    })),
  ];
}
