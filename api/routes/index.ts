// The one table of routes.
import type { Route } from "../http/endpoint.ts";
import type { Operations } from "../operations.ts";
import { approvalRoutes } from "./approvals.ts";
import { autonomyRoutes } from "./autonomy.ts";
import { chatRoutes } from "./chat.ts";
import { configuringRoutes } from "./configuring.ts";
import { controlRoutes } from "./control.ts";
import { dependencyRoutes } from "./dependencies.ts";
import { incidentDeskRoutes } from "./incident-desk.ts";
import { databaseRoutes } from "./databases.ts";
import { incidentRoutes } from "./incidents.ts";
import { learnedRoutes } from "./learned.ts";
import { knowledgeRoutes } from "./knowledge.ts";
import { monitoringRoutes } from "./monitoring.ts";
import { observedRoutes } from "./observed.ts";
import { runningRoutes } from "./running.ts";
import { playbookRoutes } from "./playbooks.ts";
import { runRoutes } from "./runs.ts";
import { systemRoutes } from "./system.ts";

export function allRoutes(operations: Operations): Route[] {
  return [
    ...monitoringRoutes(operations),
    ...runRoutes(operations),
    ...approvalRoutes(operations),
    ...autonomyRoutes(operations),
    ...controlRoutes(operations),
    ...configuringRoutes(operations),
    ...incidentDeskRoutes(operations),
    ...runningRoutes(operations),
    ...incidentRoutes(operations),
    ...learnedRoutes(operations),
    ...observedRoutes(operations),
    ...dependencyRoutes(operations),
    ...chatRoutes(operations),
    ...databaseRoutes(operations),
    ...knowledgeRoutes(operations),
    ...playbookRoutes(operations),
    ...systemRoutes(operations),
  ];
}
