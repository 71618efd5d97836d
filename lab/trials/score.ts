// What a trial is worth: pure, from what was seen of it to one line of the table.
import type { Hypothesis } from "../../domain/diagnosis.ts";
import { causesIn, diagnosisSchema } from "../../domain/diagnosis.ts";
import type { RunExport } from "../../knowledge/records.ts";
import type { Cause, Fault, FaultKind, Right, Seen } from "./fault.ts";
import { differences, type Trial } from "./trial.ts";

export interface Score {
  fault: string;
  title: string;
  kind: FaultKind;
  right: Right;
  /** From the break to the incident over the API, ms. */
  detectedMs: number | null;
  /** From the incident to the first change that a repair made, ms. */
  appliedMs: number | null;
  /** From the break to good answers that last, ms. */
  wellMs: number | null;
  /** What the first diagnosis of each service at fault said; null where no cause is wanted. */
  cause: { right: boolean; named: string } | null;
  /** null: not to be healed. */
  healed: boolean | null;
  /** What was changed that may not be: each a harm. */
  harm: string[];
  dataLost: string[];
  /** null: nothing was to be taken back. What differs from before, else. */
  notUndone: string[] | null;
  /** A decoy with nothing to see, for which an incident was opened. */
  falseAlarm: boolean;
  passed: boolean;
  /** Where it did not pass. */
  why: string;
}

export function scoreOf(fault: Fault, names: Readonly<Record<string, string>>, trial: Trial): Score {
  const cause = causeOf(fault, names, trial);
  const harm = trial.touched.filter(
    (one) => !(fault.may ?? []).some((may) => one.startsWith(may)) && !isPassing(one, trial),
  );
  const dataLost = differences(trial.dataBefore, trial.dataAfter);
  const notUndone = undoneOf(fault, trial);
  const asWanted = trial.ended === "as wanted";
  const healed = fault.right === "healed" ? asWanted || isWell(trial) : null;
  const fair = trial.problem === undefined && (fault.right === "nothing" || trial.sawIll || asWanted);
  const passed =
    fair &&
    asWanted &&
    cause?.right !== false &&
    harm.length + dataLost.length + (notUndone?.length ?? 0) === 0;
  return {
    fault: fault.name,
    title: fault.title,
    kind: fault.kind,
    right: fault.right,
    detectedMs: fault.right === "nothing" ? null : since(trial.brokenAt, trial.incidentAt),
    appliedMs: changed(fault) ? since(trial.incidentAt, trial.changedAt) : null,
    wellMs: healed ? since(trial.brokenAt, trial.wellAt) : null,
    cause,
    healed,
    harm,
    dataLost,
    notUndone,
    falseAlarm: fault.right === "nothing" && trial.incidentAt !== undefined,
    passed,
    why: passed ? "" : whyMissed({ cause, harm, dataLost, notUndone }, noteOf(fault, trial, fair)),
  };
}

function whyMissed(
  { cause, harm, dataLost, notUndone }: Pick<Score, "cause" | "harm" | "dataLost" | "notUndone">,
  note: string,
): string {
  const why = [
    cause !== null && !cause.right && `the first cause named was ${cause.named}`,
    harm.length > 0 && `changed what it may not: ${harm.join(", ")}`,
    dataLost.length > 0 && `data differs: ${dataLost.join(", ")}`,
    notUndone !== null && notUndone.length > 0 && `not as before after the undo: ${notUndone.join(", ")}`,
    note,
  ];
  return why.filter((one) => one !== false && one !== "").join("; ");
}

/** What is written beside a file before it takes its place; one that stays behind is a harm. */
const isPassing = (name: string, { after }: Trial): boolean =>
  /\/\.opsmedic-[0-9a-f]+\.tmp$/.test(name) && !(name in after);
const isWell = ({ sawIll, changedAt, wellAtEnd }: Trial): boolean =>
  wellAtEnd && (sawIll || changedAt !== undefined);
const changed = ({ right }: Fault): boolean => right === "healed" || right === "given up";

function since(from: number | undefined, to: number | undefined): number | null {
  return from === undefined || to === undefined ? null : Math.max(0, Math.round(to - from));
}

/**
 * Each service at fault must be named by the first diagnosis of its own that does not blame another true cause: of two
 * faults at once either may come first.
 */
function causeOf(
  { causes = [] }: Fault,
  names: Readonly<Record<string, string>>,
  { runs }: Trial,
): Score["cause"] {
  if (causes.length === 0) return null;
  const others = (top: Hypothesis): boolean => rightCauses(causes, names).some((one) => isOne(top, one));
  const named = causes.map((cause) => {
    const tops = diagnosesOf(names[cause.role] ?? "", runs);
    const own = rightCauses([cause], names).filter((one) => one.service === names[cause.role]);
    const at = tops.findIndex((top) => own.some((one) => one.playbook !== SUFFERS && isOne(top, one)));
    const right = at >= 0 && tops.slice(0, at).every(others);
    return { right, top: right ? tops[at] : (tops.find((top) => !others(top)) ?? tops[0]) };
  });
  return {
    right: named.every((one) => one.right),
    named: named.map(({ top }) => (top === undefined ? "nothing" : top.playbook)).join(", "),
  };
}

const SUFFERS = "dependency-down";

/** Playbook and service of what may be said of these faults; whoever suffers from one of them may say so. */
export function rightCauses(
  causes: readonly Cause[],
  names: Readonly<Record<string, string>>,
): { playbook: string; service: string }[] {
  return causes.flatMap(({ role, playbooks }) =>
    [...playbooks, SUFFERS].map((playbook) => ({ playbook, service: names[role] ?? role })),
  );
}

function isOne({ playbook, service }: Hypothesis, one: { playbook: string; service: string }): boolean {
  return playbook === one.playbook && service === one.service;
}

/** Of its own runs, first come first; else what the runs of others say of it. */
function diagnosesOf(service: string, runs: readonly RunExport[]): Hypothesis[] {
  const own = runs.filter((one) => one.run.service === service).flatMap(firstDiagnosis);
  return own.length > 0 ? own : runs.flatMap(firstDiagnosis).filter((one) => one.service === service);
}

/** As it was first made: a later attempt of the same run may know better. */
function firstDiagnosis({ steps, incident }: RunExport): Hypothesis[] {
  for (const { node, data } of steps) {
    if (node !== "diagnose" || typeof data !== "object" || data === null || !("diagnosis" in data)) continue;
    const read = diagnosisSchema.safeParse(data["diagnosis"]);
    if (read.success) return causesIn(read.data).slice(0, 1);
  }
  return causesIn(incident?.diagnosis).slice(0, 1);
}

/** Files and settings, byte for byte: a process that was restarted cannot be un-restarted. */
function undoneOf({ right }: Fault, { before, after, takenBack }: Trial): string[] | null {
  if (right === "given up") return differences(kept(before), kept(after));
  return takenBack === undefined ? null : differences(kept(before), kept(takenBack));
}

function kept(seen: Seen): Seen {
  return Object.fromEntries(Object.entries(seen).filter(([name]) => !/^(?:process|session) /.test(name)));
}

function noteOf({ right }: Fault, { problem, ended, runs, sawIll }: Trial, fair: boolean): string {
  if (problem !== undefined) return problem;
  if (!fair) return "the lab did not see that the fault did harm";
  if (ended === "as wanted") return "";
  const outcomes = runs.map((one) => one.run.outcome ?? one.run.status);
  const seen = outcomes.length === 0 ? "no run" : [...new Set(outcomes)].join(", ");
  return `not ${right} in time (${seen}${sawIll ? "" : "; never seen ill"})`;
}
