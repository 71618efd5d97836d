// approvals ls, show, approve, reject. A decision is bound to the plan as it is now, or as --plan-hash says.
import type { ApprovalRecord, RunRecord } from "../../../knowledge/records.ts";
import {
  answer,
  type Answer,
  type CliContext,
  type Command,
  type CommandOptions,
  isSet,
  textOption,
} from "../context.ts";
import { EXIT, type ExitCode, exitCodeOfRuns } from "../exit-codes.ts";
import { runMark } from "../render/marks.ts";
import { renderApproval, renderApprovals } from "../render/lists.ts";
import { limitOption, reasonOption } from "./options.ts";

export const list: Command = (context, _args, options) =>
  context.withOperations(async (operations) => {
    const limit = limitOption(options);
    const approvals = await operations.approvals(
      isSet(options, "all") ? { limit } : { limit, status: "pending" },
    );
    return answer(approvals, (given) => renderApprovals(given, context.clock.now(), context.terminal.paint));
  });

export const show: Command = (context, [id = ""]) =>
  context.withOperations(async (operations) => {
    const approval = await operations.approval(id);
    const story = await operations.run(approval.runId);
    return answer({ approval, story }, (given) =>
      renderApproval(given.approval, given.story, context.clock.now(), context.terminal.paint),
    );
  });

export const approve: Command = (context, [id = ""], options) => decide(context, id, "approve", options);
export const reject: Command = (context, [id = ""], options) => decide(context, id, "reject", options);

function decide(
  context: CliContext,
  id: string,
  decision: "approve" | "reject",
  options: CommandOptions,
): Promise<Answer> {
  const reason = reasonOption(options);
  return context.withOperations(async (operations, via) => {
    const approval = await operations.approval(id);
    const plan_hash = textOption(options, "planHash") ?? approval.planHash;
    if (isSet(options, "dryRun")) {
      return answer(
        { approval, would: decision },
        (given) => `Would ${decision} ${id}: ${given.approval.summary}`,
      );
    }
    if (via === "embedded")
      context.progress(`No server runs here: going on with run ${approval.runId} now …`);
    const decided = await operations.decideApproval(id, { decision, reason, plan_hash }, context.actor);
    if (via === "server")
      return answer(decided, (given) => `${told(given)}\nopsmedic runs watch ${given.runId}`);
    // The command went on with the run itself, so it also tells how it ended.
    const { run } = await operations.run(decided.runId);
    return answer(
      { ...decided, run },
      (given) => `${told(given)}\n${ended(given.run, context)}`,
      codeOf(decision, run),
    );
  });
}

function told({ status, summary, endorsed }: ApprovalRecord): string {
  return status === "pending" && endorsed !== null
    ? `approved by ${endorsed.by}, the first of two: ${summary}\nIts risk needs a second person.`
    : `${status}: ${summary}`;
}

function ended(run: RunRecord, { terminal }: CliContext): string {
  return `${runMark(run, terminal.paint)}\nopsmedic runs show ${run.id}`;
}

/** A rejection is what was asked for, not a problem. */
function codeOf(decision: "approve" | "reject", run: RunRecord): ExitCode {
  return decision === "reject" && run.outcome === "rejected" ? EXIT.ok : exitCodeOfRuns([run]);
}
