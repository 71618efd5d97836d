// start, stop: an operator's hand on a process that opsmedic runs.
import type { Operations } from "../../operations.ts";
import type { RunningAnswer } from "../../running.ts";
import { answer, type Command, isSet } from "../context.ts";
import { usageError } from "./options.ts";

export const start: Command = (context, [name = ""], options) =>
  context.withOperations(async (operations) => {
    if (isSet(options, "dryRun")) return answer(await would(operations, name, "start"), wouldText);
    return answer(await operations.startService(name, context.actor), startedText);
  });

export const stop: Command = (context, [name = ""], options) =>
  context.withOperations(async (operations) => {
    if (isSet(options, "dryRun")) return answer(await would(operations, name, "stop"), wouldText);
    return answer(await operations.stopService(name, context.actor), stoppedText);
  });

const startedText = ({ service, changed }: RunningAnswer): string =>
  changed ? `${service} was started.` : `${service} runs already.`;

const stoppedText = ({ service, changed }: RunningAnswer): string =>
  `${service} ${changed ? "was stopped" : "was stopped already"}. It is left alone until: opsmedic start ${service}`;

interface Would {
  service: string;
  would: "start" | "stop";
}

const wouldText = ({ service, would: verb }: Would): string => `Would ${verb} ${service}.`;

async function would(operations: Operations, service: string, verb: Would["would"]): Promise<Would> {
  const { services } = await operations.status();
  if (services.some((one) => one.name === service)) return { service, would: verb };
  throw usageError(`There is no service ${service}`, "opsmedic status lists them.");
}
