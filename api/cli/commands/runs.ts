// runs ls, show, watch, export, cancel.
import { type RunOutcome, runOutcomes } from "../../../domain/incident.ts";
import { HealError } from "../../../domain/errors.ts";
import type { RunRecord, StepRecord } from "../../../knowledge/records.ts";
import type { RunStory } from "../../operations.ts";
import { answer, type CliContext, type Command, type CommandOptions, isSet, textOption } from "../context.ts";
import { type ExitCode, exitCodeOfRuns } from "../exit-codes.ts";
import { harmlessText } from "../render/harmless.ts";
import { renderRuns } from "../render/lists.ts";
import { runMark } from "../render/marks.ts";
import { moment, span } from "../render/words.ts";
import { writeNew } from "../write-new.ts";
import { renderRun } from "../run-story/render-run.ts";
import { limitOption, usageError } from "./options.ts";

const POLL_MS = 500;

export const list: Command = (context, _args, options) =>
  context.withOperations(async (operations) => {
    const service = textOption(options, "service");
    const outcome = outcomeOption(options);
    const cursor = textOption(options, "cursor");
    const page = await operations.runs({
      limit: limitOption(options),
      ...(service !== undefined && { service }),
      ...(outcome !== undefined && { outcome }),
      ...(cursor !== undefined && { cursor }),
    });
    return answer(page, ({ runs, next_cursor }) => {
      if (runs.length === 0 && (service ?? outcome ?? cursor) !== undefined) return "No run fits.";
      const more = next_cursor === null ? "" : `\nMore: --cursor ${next_cursor}`;
      return renderRuns(runs, context.clock.now(), context.terminal.paint) + more;
    });
  });

function outcomeOption(options: CommandOptions): RunOutcome | undefined {
  const text = textOption(options, "outcome");
  const outcome = runOutcomes.find((one) => one === text);
  if (text === undefined || outcome !== undefined) return outcome;
  throw usageError(`--outcome ${text} is not known`, `Write one of ${runOutcomes.join(", ")}.`);
}

export const show: Command = (context, [id = ""]) =>
  context.withOperations(async (operations) => {
    const story = await operations.run(id);
    return answer(story, (given) => renderRun(given, context.terminal.paint));
  });

/** Each new step as it happens, until the run ends or waits for a person. */
export const watch: Command = (context, [id = ""]) =>
  context.withOperations(async (operations, via): Promise<ExitCode> => {
    let shown = 0;
    for (;;) {
      context.signal.throwIfAborted();
      const story = await operations.run(id);
      for (const step of story.steps.filter(({ seq }) => seq > shown)) writeStep(context, step);
      shown = Math.max(shown, ...story.steps.map(({ seq }) => seq));
      if (story.run.status !== "running") return ended(context, story);
      // The store has one holder at a time, and it is this command.
      if (via === "embedded") throw nobodyGoesOn(story.run);
      await context.clock.sleep(POLL_MS, context.signal);
    }
  });

function nobodyGoesOn({ id, service }: RunRecord): HealError {
  return new HealError(`Run ${id} is not at its end, and no server runs that would go on with it`, {
    code: "no-server",
    hint: `opsmedic heal ${service} takes it up; opsmedic serve does so too, and keeps watching.`,
  });
}

function writeStep({ terminal, options }: CliContext, step: StepRecord): void {
  const took = step.ms === null ? "" : ` ${span(step.ms)}`;
  const text = `${moment(step.at)}  ${step.node} ${step.phase}${took}`;
  terminal.out(`${options.json ? JSON.stringify(step) : harmlessText(text)}\n`);
}

function ended({ terminal, options }: CliContext, { run }: RunStory): ExitCode {
  terminal.out(`${options.json ? JSON.stringify({ run }) : runMark(run, terminal.paint)}\n`);
  return exitCodeOfRuns([run]);
}

/** The document of the run, always JSON: to stdout, or into a file that must not exist. */
export const exportRun: Command = (context, [id = ""], options) =>
  context.withOperations(async (operations) => {
    const document = await operations.exportRun(id);
    const file = textOption(options, "output");
    if (file === undefined) return answer(document, (given) => JSON.stringify(given, null, 2));
    await writeNew(file, `${JSON.stringify(document, null, 2)}\n`, context);
    return answer({ run: id, file }, () => `Written to ${file}.`);
  });

export const cancel: Command = (context, [id = ""], options) =>
  context.withOperations(async (operations) => {
    const { run } = await operations.run(id);
    if (isSet(options, "dryRun")) {
      return answer({ run, would: "cancel" }, () =>
        run.status === "ended"
          ? `Run ${id} has ended; nothing to cancel.`
          : `Would cancel run ${id} of ${run.service}.`,
      );
    }
    const cancelled = await operations.cancelRun(id, context.actor);
    return answer(cancelled, (given) => `Run ${given.id}: ${runMark(given, context.terminal.paint)}`);
  });
