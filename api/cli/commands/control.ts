// mode, pause, resume: what opsmedic may do at all.
import type { Mode } from "../../../domain/service.ts";
import { answer, type Command, isSet, textOption } from "../context.ts";
import { pausedUntil, span } from "../render/words.ts";
import { durationArgument, usageError } from "./options.ts";

interface ModeAnswer {
  mode: Mode;
  paused_until: string | null;
}

const MEANING: Record<Mode, string> = {
  observe: "decides, does nothing, keeps score",
  approve: "asks before every fix",
  auto: "repairs by itself what it is sure about, asks for the rest",
};

function modeText({ mode, paused_until }: ModeAnswer): string {
  const paused =
    paused_until === null ? "" : `\nHealing is ${pausedUntil(paused_until)}: opsmedic resume ends it.`;
  return `${mode}: ${MEANING[mode]}${paused}`;
}

export const mode: Command = (context, [wanted], options) => {
  if (wanted !== undefined && !Object.hasOwn(MEANING, wanted)) {
    throw usageError(`There is no mode ${wanted}`, `Write one of ${Object.keys(MEANING).join(", ")}.`);
  }
  return context.withOperations(async (operations) => {
    if (wanted === undefined) return answer(await operations.mode(), modeText);
    if (isSet(options, "dryRun")) {
      return answer(
        { ...(await operations.mode()), would: wanted },
        (now) => `Would change the mode from ${now.mode} to ${wanted}.`,
      );
    }
    return answer(await operations.setMode(wanted as Mode, context.actor), modeText);
  });
};

export const pause: Command = (context, [duration], options) => {
  const forMs = duration === undefined ? undefined : durationArgument(duration, "pause");
  const reason = textOption(options, "reason");
  return context.withOperations(async (operations) => {
    if (isSet(options, "dryRun")) {
      const howLong = forMs === undefined ? "until resumed" : `for ${span(forMs)}`;
      return answer(
        { ...(await operations.mode()), would: "pause" },
        () => `Would pause all healing ${howLong}.`,
      );
    }
    const paused = await operations.pause(
      { ...(forMs !== undefined && { for_ms: forMs }), ...(reason !== undefined && { reason }) },
      context.actor,
    );
    return answer(paused, modeText);
  });
};

export const resume: Command = (context, _args, options) =>
  context.withOperations(async (operations) => {
    if (isSet(options, "dryRun"))
      return answer({ ...(await operations.mode()), would: "resume" }, () => "Would resume healing.");
    return answer(await operations.resume(context.actor), modeText);
  });
