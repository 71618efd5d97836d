// heal: one run for a service or for all. diagnose: the same eyes and the same head, with the hands tied.
import type { CheckAnswer, CheckRequest, RunStory } from "../../operations.ts";
import { answer, type Answer, type CliContext, type Command, isSet } from "../context.ts";
import { EXIT, type ExitCode, exitCodeOfRuns } from "../exit-codes.ts";
import { renderRuns } from "../render/lists.ts";
import { many } from "../render/words.ts";
import { renderRun } from "../run-story/render-run.ts";

export const heal: Command = (context, [service], options) =>
  context.withOperations(async (operations, via) => {
    const dryRun = isSet(options, "dryRun");
    // Without a server nobody else would finish the run.
    const wait = isSet(options, "wait") || dryRun || via === "embedded";
    context.progress(
      `${dryRun ? "Looking at" : "Healing"} ${service ?? "all services"}${wait ? ", waiting for the end" : ""} …`,
    );
    const checked = await operations.triggerCheck(request(service, { dry_run: dryRun, wait }), context.actor);
    const code = wait ? exitCodeOfRuns(checked.runs) : EXIT.ok;
    return answer(checked, (given) => checkText(given, context), code);
  });

function request(service: string | undefined, rest: CheckRequest): CheckRequest {
  return { ...(service !== undefined && { services: [service] }), ...rest };
}

function checkText({ issues, runs, run_ids }: CheckAnswer, { clock, terminal, options }: CliContext): string {
  if (issues.length === 0 && run_ids.length === 0) return "Nothing is wrong.";
  const found = issues.map((one) => `${one.severity} ${one.service}: ${one.summary}`);
  const started =
    runs.length > 0
      ? renderRuns(runs, clock.now(), terminal.paint)
      : `Started ${many(run_ids.length, "run")}: ${run_ids.join(", ")}`;
  const first = run_ids[0];
  const next = first === undefined || options.quiet ? [] : [`opsmedic runs show ${first}`];
  return [...found, started, ...next].join("\n");
}

/** Read-only: exit code 3 where something is wrong. */
export const diagnose: Command = (context, [service]) =>
  context.withOperations(async (operations) => {
    context.progress(`Looking at ${service ?? "all services"} …`);
    const checked = await operations.triggerCheck(
      request(service, { dry_run: true, wait: true }),
      context.actor,
    );
    const stories = await Promise.all(checked.run_ids.map((id) => operations.run(id)));
    return diagnosis(context, checked, stories);
  });

function diagnosis({ terminal }: CliContext, checked: CheckAnswer, stories: RunStory[]): Answer {
  const code: ExitCode = checked.status === "healthy" ? EXIT.ok : EXIT.problems;
  return answer(
    { ...checked, stories },
    (given) =>
      given.issues.length === 0
        ? "Nothing is wrong."
        : given.stories
            .filter(({ incident }) => (incident?.findings.length ?? 1) > 0)
            .map((story) => renderRun(story, terminal.paint))
            .join("\n\n"),
    code,
  );
}
