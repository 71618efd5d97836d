// heal: one run for a service or for all. diagnose: the same eyes and the same head, with the hands tied.
import type { CheckAnswer, CheckRequest, RunStory, StartedService } from "../../operations.ts";
import { answer, type Answer, type CliContext, type Command, isSet } from "../context.ts";
import { EXIT, type ExitCode, exitCodeOfRuns } from "../exit-codes.ts";
import { renderRuns } from "../render/lists.ts";
import { columns } from "../render/table.ts";
import { many, signedPoints } from "../render/words.ts";
import { planned } from "../run-story/gate.ts";
import { sectionText } from "../run-story/section.ts";
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
    const text = (given: CheckAnswer): string => checkText(given, context);
    if (!dryRun) return answer(checked, text, wait ? codeOf(checked) : EXIT.ok);
    const stories = await Promise.all(checked.run_ids.map((id) => operations.run(id)));
    return answer(
      { ...checked, stories },
      (given) => [text(given), ...given.stories.map((one) => wouldText(one, context))].join("\n"),
      codeOf(checked),
    );
  });

/** What it would have done, down to each thing that it would take away. */
function wouldText({ run, incident }: RunStory, { terminal, options }: CliContext): string {
  const plan = incident && planned(incident);
  if (!plan || options.quiet) return "";
  return `\n${sectionText({ ...plan, heading: `${run.service}: ${plan.heading}` }, terminal.paint)}`;
}

/** What was to be started and was not, or could not be looked at, is a problem, whatever the runs say. */
function codeOf(checked: CheckAnswer): ExitCode {
  const code = exitCodeOfRuns(checked.runs);
  return code === EXIT.ok && isInTheDark(checked) ? EXIT.problems : code;
}

function isInTheDark({ unseen, started = [] }: CheckAnswer): boolean {
  return unseen.length > 0 || started.some((one) => !one.started);
}

function request(service: string | undefined, rest: CheckRequest): CheckRequest {
  return { ...(service !== undefined && { services: [service] }), ...rest };
}

function checkText(checked: CheckAnswer, { clock, terminal, options }: CliContext): string {
  const { runs, run_ids, unseen, started = [] } = checked;
  const waits = runs.some((one) => one.status === "waiting");
  const next = waits ? "opsmedic approvals ls" : `opsmedic runs show ${run_ids[0]}`;
  const lines = [
    ...started.map(startedText),
    ...unseen.map(unseenText),
    ...told(checked).map(issueText),
    runs.length > 0 ? renderRuns(runs, clock.now(), terminal.paint) : begun(checked),
    run_ids.length === 0 || options.quiet ? "" : next,
  ];
  return lines.filter((line) => line !== "").join("\n");
}

function startedText({ service, started, problem }: StartedService): string {
  if (started) return `✓ ${service} had never run: started.`;
  return `▲ ${service} was never started${problem === null ? "" : `: ${problem}`}`;
}

/** That a source is down need not be said again of a service that cannot be seen at all. */
function told({ issues, unseen }: CheckAnswer): CheckAnswer["issues"] {
  const dark = new Set(unseen.map((one) => one.service));
  return issues.filter((one) => one.kind !== "source-down" || !dark.has(one.service));
}

const issueText = ({ severity, service, summary }: CheckAnswer["issues"][number]): string =>
  `${severity} ${service}: ${summary}`;

const unseenText = ({ service, summary }: CheckAnswer["unseen"][number]): string =>
  `? ${service} is unknown: ${summary}`;

/** Where nobody waited for the runs. */
function begun(checked: CheckAnswer): string {
  const { run_ids } = checked;
  const issues = told(checked);
  const ids = `${many(run_ids.length, "run")}: ${run_ids.join(", ")}`;
  if (run_ids.length > 0) return issues.length === 0 ? `Under way already: ${ids}` : `Started ${ids}`;
  if (issues.length > 0) return "";
  return isInTheDark(checked) ? "Nothing else is wrong." : "Nothing is wrong.";
}

/** Read-only: exit code 3 where something is wrong. */
export const diagnose: Command = (context, [service], options) =>
  context.withOperations(async (operations) => {
    context.progress(`Looking at ${service ?? "all services"} …`);
    const checked = await operations.triggerCheck(
      request(service, { dry_run: true, wait: true }),
      context.actor,
    );
    const stories = await Promise.all(checked.run_ids.map((id) => operations.run(id)));
    return diagnosis(context, checked, stories, isSet(options, "explain"));
  });

/** Each question that was asked about the likeliest cause, with its answer. */
function explained({ incident }: RunStory): string {
  const [top] = incident?.diagnosis?.hypotheses ?? [];
  if (top === undefined) return "";
  const rows = top.checks.map(({ question, verdict, points, observation }) => [
    verdict,
    signedPoints(points),
    question,
    observation.status === "known" ? observation.text : observation.reason,
  ]);
  return ["", "", `Asked about: ${top.title} (${top.service})`, ...columns(rows, ["left", "right"])].join(
    "\n",
  );
}

function diagnosis(
  { terminal }: CliContext,
  checked: CheckAnswer,
  stories: RunStory[],
  explain: boolean,
): Answer {
  const code: ExitCode = checked.status === "healthy" && !isInTheDark(checked) ? EXIT.ok : EXIT.problems;
  return answer(
    { ...checked, stories },
    (given) =>
      told(given).length === 0
        ? [...given.unseen.map(unseenText), begun(given)].join("\n")
        : [
            ...given.unseen.map(unseenText),
            ...told(given)
              .filter((one) => one.kind === "source-down")
              .map(issueText),
            ...given.stories
              .filter(({ incident }) => (incident?.findings.length ?? 1) > 0)
              .map((story) => renderRun(story, terminal.paint) + (explain ? explained(story) : "")),
          ].join("\n\n"),
    code,
  );
}
