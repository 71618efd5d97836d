// Whether it helped, what was taken back where it did not, and what was tried before in this run.
import type { Attempt, Incident, Rollback, Validation } from "../../../domain/incident.ts";
import { okMark } from "../render/marks.ts";
import { columns } from "../render/table.ts";
import { span } from "../render/words.ts";
import type { Paint } from "../terminal.ts";
import type { Section } from "./section.ts";

export function validated({ validation }: Pick<Incident, "validation">, paint: Paint): Section | undefined {
  return validation === null
    ? undefined
    : { heading: `Validation: ${validation.outcome}`, lines: validationLines(validation, paint) };
}

function validationLines({ summary, watchedMs, checks }: Validation, paint: Paint): string[] {
  const rows = checks.map(({ name, ok, text }) => [okMark(ok, paint), name, text]);
  return [`${summary} (watched for ${span(watchedMs)})`, ...columns(rows)];
}

export function rolledBack({ rollback }: Pick<Incident, "rollback">, paint: Paint): Section | undefined {
  return rollback === null
    ? undefined
    : { heading: `Rollback: ${rollback.outcome}`, lines: rollbackLines(rollback, paint) };
}

function rollbackLines({ steps }: Rollback, paint: Paint): string[] {
  return columns(steps.map(({ step, action, ok, text }) => [okMark(ok, paint), `${step}.`, action, text]));
}

/** Attempts but the one that the run ended with, which has its own sections. */
export function earlierAttempts({
  attempts,
  plan,
}: Pick<Incident, "attempts" | "plan">): Section | undefined {
  const earlier = attempts.filter((one) => one.plan.id !== plan?.id);
  return earlier.length === 0
    ? undefined
    : { heading: "Tried before in this run", lines: earlier.map(attemptLine) };
}

function attemptLine({ plan, validation, rollback }: Attempt): string {
  const proved = validation === null ? "not validated" : `${validation.outcome} (${validation.summary})`;
  return `${plan.title}: ${proved}${rollback === null ? "" : `, rollback ${rollback.outcome}`}`;
}

/** A node that broke: its surroundings failed, which says nothing about the service. */
export function broke({ failure }: Pick<Incident, "failure">, paint: Paint): Section | undefined {
  if (failure === null) return undefined;
  return {
    heading: "What broke in opsmedic itself",
    lines: [paint("red", `✕ ${failure.node}: ${failure.message}`)],
  };
}
