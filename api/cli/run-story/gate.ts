// The plan, and what the gate said to it: every rule with its answer, those that passed too.
import { clearLines, clearsOfAction, clearsText } from "../../../agents/plan-clears.ts";
import type { FixPlan, PlannedAction } from "../../../domain/plan.ts";
import type { Incident } from "../../../domain/incident.ts";
import type { ApprovalRecord } from "../../../knowledge/records.ts";
import { columns } from "../render/table.ts";
import { facts, many, moment, span } from "../render/words.ts";
import type { Paint } from "../terminal.ts";
import type { Section } from "./section.ts";

export function planned({ plan, noPlan }: Pick<Incident, "plan" | "noPlan">): Section | undefined {
  if (plan === null) return noPlan === null ? undefined : { heading: "Plan", lines: [`None: ${noPlan}`] };
  return { heading: `Plan: ${plan.title}`, lines: planLines(plan) };
}

export function planLines(plan: FixPlan): string[] {
  const { services, downtimeMs, dependants = [] } = plan.blastRadius;
  return [
    ...columns(
      plan.actions.map((one) => [`${one.step}.`, one.action, one.service, paramsText(one), one.effect]),
    ),
    ...plan.actions.flatMap(itemLines),
    `${plan.class}, risk ${plan.risk}; touches ${many(services.length, "service")} (${services.join(", ")}), about ${span(downtimeMs)} without service`,
    ...(dependants.length > 0
      ? [`${many(dependants.length, "service")} may feel it: ${dependants.join(", ")}`]
      : []),
    `hash ${plan.hash}`,
  ];
}

/** What is taken away is listed below, each with its bytes. */
function paramsText(planned: PlannedAction): string {
  const clears = clearsOfAction(planned);
  return clears === undefined ? facts(planned.params) : clearsText(clears);
}

function itemLines(planned: PlannedAction): string[] {
  const clears = clearsOfAction(planned);
  return clears === undefined ? [] : clearLines(clears).map((one) => `   ${one}`);
}

export function gate({ verdict }: Pick<Incident, "verdict">, paint: Paint): Section | undefined {
  if (verdict === null) return undefined;
  const rows = verdict.reasons.map(({ rule, outcome, text }) => [ruleMark(outcome, paint), rule, text]);
  return { heading: `Gate (rules ${verdict.version}): ${verdict.decision}`, lines: columns(rows) };
}

function ruleMark(outcome: "pass" | "ask" | "deny", paint: Paint): string {
  if (outcome === "pass") return paint("green", "✓ pass");
  return outcome === "ask" ? paint("yellow", "‖ ask") : paint("red", "✕ deny");
}

export function approval(
  record: ApprovalRecord | null,
  { approval: given }: Pick<Incident, "approval">,
): Section | undefined {
  if (record === null)
    return given
      ? { heading: "Approval", lines: [`${given.decision} by ${given.by}: ${given.reason}`] }
      : undefined;
  const asked = `asked ${moment(record.requestedAt)}, expires ${moment(record.expiresAt)}`;
  if (record.status === "pending") {
    return {
      heading: "Approval",
      lines: [
        `waiting${record.needs > 1 ? ` for ${record.endorsed === null ? "two people" : "a second person"}` : ""}: ${asked}`,
        ...(record.link === "" ? [] : [record.link]),
        `opsmedic approvals approve ${record.id} --reason "…"`,
      ],
    };
  }
  const by = record.decidedBy === null ? "" : ` by ${record.decidedBy} at ${moment(record.decidedAt)}`;
  return {
    heading: "Approval",
    lines: [`${record.status}${by}${record.reason ? `: ${record.reason}` : ""}`, asked],
  };
}
