// autonomy ls, show, revoke: what would have been fixed, how right that was, and who may act alone by it.
import { answer, type Command, isSet, textOption } from "../context.ts";
import { pairWords, renderAutonomy, renderPair } from "../render/autonomy.ts";
import { reasonOption } from "./options.ts";

export const list: Command = (context, _args, options) =>
  context.withOperations(async (operations) => {
    const service = textOption(options, "service");
    const found = await operations.autonomy(service === undefined ? {} : { service });
    return answer(found, (given) => renderAutonomy(given, context.clock.now(), context.terminal.paint));
  });

export const show: Command = (context, [id = ""]) =>
  context.withOperations(async (operations) => {
    const story = await operations.autonomyOf(id);
    return answer(story, (given) => renderPair(given, context.clock.now(), context.terminal.paint));
  });

export const revoke: Command = (context, [id = ""], options) => {
  const reason = reasonOption(options);
  return context.withOperations(async (operations) => {
    if (isSet(options, "dryRun"))
      return answer(await operations.autonomyOf(id), (one) => `Would take autonomy from ${pairWords(one)}`);
    const gone = await operations.revokeAutonomy(id, { reason }, context.actor);
    return answer(gone, (one) => `Took autonomy from ${pairWords(one)}: nothing counts that was before.`);
  });
};
