// dependencies: who needs whom, declared or seen in traces.
import { answer, type Command } from "../context.ts";
import { renderDependencies } from "../render/dependencies.ts";

export const list: Command = (context, [service]) =>
  context.withOperations(async (operations) => {
    const all = await operations.dependencies(service === undefined ? {} : { service });
    return answer(all, (given) => renderDependencies(given, context.terminal.paint));
  });
