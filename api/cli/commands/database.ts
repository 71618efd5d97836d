// database health, connections, performance: how the databases are, asked of them now.
import type { DatabaseHealth } from "../../databases.ts";
import { EXIT } from "../exit-codes.ts";
import { answer, type Command } from "../context.ts";
import { renderConnections, renderDatabases, renderPerformance } from "../render/databases.ts";

const of = (service: string | undefined) => (service === undefined ? {} : { service });

export const health: Command = (context, [service]) =>
  context.withOperations(async (operations) => {
    const all = await operations.databaseHealth(of(service));
    const code = all.some(isTroubled) ? EXIT.problems : EXIT.ok;
    return answer(all, (given) => renderDatabases(given, context.terminal.paint), code);
  });

export const connections: Command = (context, [service]) =>
  context.withOperations(async (operations) =>
    answer(await operations.databaseConnections(of(service)), (given) =>
      renderConnections(given, context.terminal.paint),
    ),
  );

export const performance: Command = (context, [service]) =>
  context.withOperations(async (operations) =>
    answer(await operations.performance(of(service)), (given) =>
      renderPerformance(given, context.terminal.paint),
    ),
  );

function isTroubled({ issues, problem }: DatabaseHealth): boolean {
  return problem !== null || issues.some((one) => one.severity !== "info");
}
