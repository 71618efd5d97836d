// calibration, insights, watches ls, show, remove: what was learned.
import { answer, type Command, isSet, textOption } from "../context.ts";
import { renderCalibration, renderInsights, renderWatch, renderWatches } from "../render/learned.ts";
import { sinceOption } from "./options.ts";

export const calibration: Command = (context, _args, options) =>
  context.withOperations(async (operations) => {
    const since = sinceOption(options, context.clock.now());
    const [service, playbook] = [textOption(options, "service"), textOption(options, "playbook")];
    const found = await operations.calibration({
      ...(since !== undefined && { since }),
      ...(service !== undefined && { service }),
      ...(playbook !== undefined && { playbook }),
    });
    return answer(found, (given) => renderCalibration(given, context.terminal.paint));
  });

export const insights: Command = (context, _args, options) =>
  context.withOperations(async (operations) => {
    const from = sinceOption(options, context.clock.now());
    const report = await operations.weeklyReport(from === undefined ? {} : { from });
    return answer(report, (given) => renderInsights(given, context.terminal.paint));
  });

export const listWatches: Command = (context, _args, options) =>
  context.withOperations(async (operations) => {
    const service = textOption(options, "service");
    const watches = await operations.watches(service === undefined ? {} : { service });
    return answer(watches, (given) => renderWatches(given, context.clock.now(), context.terminal.paint));
  });

export const showWatch: Command = (context, [id = ""]) =>
  context.withOperations(async (operations) =>
    answer(await operations.watch(id), (given) => renderWatch(given, context.clock.now())),
  );

export const removeWatch: Command = (context, [id = ""], options) =>
  context.withOperations(async (operations) => {
    if (isSet(options, "dryRun")) {
      return answer(await operations.watch(id), (one) => `Would remove ${one.id}: ${one.told}`);
    }
    const gone = await operations.removeWatch(id, context.actor);
    return answer(gone, (one) => `Removed ${one.id}: ${one.told}`);
  });
