// roll-back-command: a plain process is started with the command with which it was last well, instead of the one that
// the configuration says now. It stays so until the configuration says another one: that is the operator's answer.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import { jsonObjectSchema } from "../../domain/json.ts";
import type { Action, ActionContext } from "../action.ts";
import { contentId } from "../content-id.ts";
import type { Commands } from "../target.ts";
import { needTarget, stale, stateOf } from "./checked.ts";
import { STAYS_STOPPED } from "./instance.ts";

const paramsSchema = z.strictObject({
  /** Ids of commands that ran: what the plan saw, and what was well. */
  from: contentId,
  to: contentId,
});
const stateSchema = z.object({
  /** What was started instead of the configured command before. */
  chosen: z.string().nullable(),
  ran: z.boolean(),
  runtime: jsonObjectSchema,
});

export const rollBackCommand: Action<z.infer<typeof paramsSchema>> = {
  name: "roll-back-command",
  summary:
    "Starts the service with the command with which it was last well, until the configuration is corrected",
  undoes: "starts it with the configured command again, if it ran before",
  class: "configuration",
  needsTarget: true,
  effect: "reversible",
  risk: "medium",
  params: paramsSchema,
  downtimeMs: () => 10_000,

  async capture({ from, to }, context) {
    const commands = needCommands(context);
    const target = needTarget(context);
    const [present, { status }, runtime] = await Promise.all([
      commands.present(context.signal),
      target.state(context.signal),
      target.describe(context.signal),
    ]);
    if (present?.id !== from && present?.id !== to) {
      throw stale(
        `${context.service.name} is started with another command than the plan says`,
        "diagnose again",
      );
    }
    if (!(await commands.has(to, context.signal))) {
      throw stale(
        "the command with which it was well is not known here any more",
        "correct runtime.process.command in the configuration",
      );
    }
    return { state: { chosen: present.chosen ?? null, ran: status === "running", runtime }, files: [] };
  },
  async apply({ to }, _captured, context) {
    const commands = needCommands(context);
    await commands.choose(to, context.signal);
    await commands.renew(context.signal);
    const present = await commands.present(context.signal);
    return `it is started with \`${present?.shown ?? to}\`, until the configuration says another command`;
  },
  async verify({ to }, _captured, context) {
    const [present, { status }] = await Promise.all([
      needCommands(context).present(context.signal),
      needTarget(context).state(context.signal),
    ]);
    const ok = present?.id === to && status === "running";
    return { ok, text: `it is ${status}, started with \`${present?.shown ?? "an unknown command"}\`` };
  },
  async undo(_params, captured, context) {
    const { chosen, ran } = stateOf(stateSchema, rollBackCommand.name, captured.state);
    const commands = needCommands(context);
    await commands.choose(chosen ?? undefined, context.signal);
    if ((await needTarget(context).state(context.signal)).stoppedByOperator) return STAYS_STOPPED;
    await (ran ? commands.renew(context.signal) : commands.halt(context.signal));
    return ran ? "it is started as it was before" : "it does not run, as before, and is started as it was";
  },
  async verifyUndo(_params, captured, context) {
    const { chosen, ran } = stateOf(stateSchema, rollBackCommand.name, captured.state);
    const [present, now] = await Promise.all([
      needCommands(context).present(context.signal),
      needTarget(context).state(context.signal),
    ]);
    const isChosen = (present?.chosen ?? null) === chosen;
    const ok = isChosen && (now.stoppedByOperator || (now.status === "running") === ran);
    return { ok, text: `it is ${now.status}, to be started ${isChosen ? "as" : "otherwise than"} before` };
  },
};

function needCommands(context: ActionContext): Commands {
  const { commands } = needTarget(context);
  if (commands) return commands;
  throw new HealError(`${context.service.name} is not started by a command of the configuration`, {
    code: "not-supported",
  });
}
