// What one approval asks, for the person who opens its link: what would be done, why, what would change, until when, and,
// where it waits and the person may decide, the form for it. Pure.
import { explanationOf } from "../../agents/explanation.ts";
import type { Incident } from "../../domain/incident.ts";
import type { ApprovalRecord } from "../../knowledge/records.ts";
import { distance, moment, percentOfBp, span } from "../cli/render/words.ts";
import { type Html, html, pageOf } from "./html.ts";

export interface ApprovalSeen {
  approval: ApprovalRecord;
  /** As the run holds it; null where its record is gone. */
  incident: Pick<Incident, "diagnosis" | "plan" | "verdict"> | null;
  now: number;
  /** Who looks, and what shows that a decision comes from this page; undefined: may only look. */
  who: { name: string; proof: string | undefined };
}

export function approvalPage(seen: ApprovalSeen): string {
  const { approval, incident } = seen;
  const title = `${approval.service}: ${approval.summary}`;
  return pageOf(
    title,
    html`<h1>${title}</h1>
<p role="status"><strong>${standing(seen)}</strong></p>
<dl>
${row("Service", approval.service)}
${row("Confidence", confidence(seen))}
${row("Risk", approval.risk)}
${incident?.plan ? row("Without service", `about ${span(incident.plan.blastRadius.downtimeMs)}`) : html``}
${row("Asked", moment(approval.requestedAt))}
${row("Expires", `${moment(approval.expiresAt)} (${distance(approval.expiresAt, seen.now)})`)}
${approval.needs > 1 ? row("People", peopleOf(approval)) : html``}
</dl>
<h2>Why</h2>
<p>${incident?.diagnosis ? explanationOf(incident.diagnosis.hypotheses) : "Its run has left no diagnosis."}</p>
${reasons(seen)}
<h2>What would change</h2>
<pre>${approval.diff || (incident?.plan?.title ?? approval.summary)}</pre>
${form(seen)}
<p>Run ${approval.runId} · plan ${approval.planHash.slice(0, 12)} · you are ${seen.who.name}</p>`,
  );
}

const row = (name: string, value: string): Html => html`<dt>${name}</dt><dd>${value}</dd>`;

function standing({ approval, now }: ApprovalSeen): string {
  const { status, decidedBy, reason, endorsed, expiresAt } = approval;
  if (status !== "pending")
    return `${status}${decidedBy === null ? "" : ` by ${decidedBy}`}${reason ? `: ${reason}` : ""}`;
  if (expiresAt <= now) return "expired: nothing was changed";
  return endorsed === null ? "waits for a decision" : `${endorsed.by} approves; waits for a second person`;
}

function confidence({ approval, incident }: ApprovalSeen): string {
  const needed = incident?.verdict ? `, ${percentOfBp(incident.verdict.allowBp)} would do it alone` : "";
  return `${percentOfBp(approval.scoreBp)}${needed}`;
}

function peopleOf({ endorsed }: ApprovalRecord): string {
  return `two must approve; the first: ${endorsed === null ? "nobody yet" : `${endorsed.by}, ${endorsed.reason}`}`;
}

/** Only what kept the gate from allowing it. */
function reasons({ incident }: ApprovalSeen): Html {
  const against = incident?.verdict?.reasons.filter((one) => one.outcome !== "pass") ?? [];
  if (against.length === 0) return html``;
  return html`<p>It asks because:</p>
<ul>
${against.map((one) => html`<li>${one.rule}: ${one.text}</li>`)}
</ul>`;
}

function form({ approval, now, who }: ApprovalSeen): Html {
  if (approval.status !== "pending" || approval.expiresAt <= now) return html``;
  if (who.proof === undefined) return html`<p>Your token may look; deciding needs the role operator.</p>`;
  return html`<h2>Decide</h2>
<form method="post" autocomplete="off">
<input type="hidden" name="plan_hash" value="${approval.planHash}">
<input type="hidden" name="proof" value="${who.proof}">
<label for="reason">Reason, which stays in the audit log</label>
<textarea id="reason" name="reason" rows="3" maxlength="2000" required></textarea>
<button name="decision" value="approve">Approve</button>
<button name="decision" value="reject">Reject</button>
</form>
<p>What is approved is looked at once more before anything is done.</p>`;
}

export function problemPage({
  title,
  detail,
  hint,
}: {
  title: string;
  detail: string;
  hint?: string;
}): string {
  return pageOf(
    title,
    html`<h1>${title}</h1>
<p>${detail}</p>
${hint === undefined ? html`` : html`<p>${hint}</p>`}`,
  );
}
