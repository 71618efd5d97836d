// A run that waits for a person must not hold up something worse: its question is withdrawn, and a new run looks at the
// world again. What is merely the same trouble, or a lesser one, goes on waiting.
import type { Clock } from "../domain/clock.ts";
import { type Finding, isSymptom, severities } from "../domain/finding.ts";
import type { ApprovalRecord, Approvals, Audit, RunRecord, Runs } from "../knowledge/records.ts";

export interface SupersedingParts {
  runs: Runs;
  approvals: Approvals;
  audit: Audit;
  clock: Clock;
  /** What a look at the service finds now. */
  look: (service: string) => Promise<readonly Finding[]>;
  onWithdrawn: (approval: ApprovalRecord) => void;
}

/** Withdraws what `waiting` asks and ends it, if something worse is there now; then `successor` is to be begun. */
export type Supersede = (waiting: RunRecord, successor: string) => Promise<boolean>;

/** Runs in a row that were superseded by each other; there are not more kinds of symptoms than this. */
const LONGEST_CHAIN = 20;
const MOST_WITHDRAWN = 500;
const SUPERSEDED = "superseded by";

export function makeSupersede(parts: SupersedingParts): Supersede {
  const { approvals } = parts;
  return async function supersede(waiting, successor) {
    const ended = await withdrawnRuns(approvals);
    // Withdrawn already: a crash came between that and the end of its run.
    const withdrawn = ended.get(waiting.id) ?? (await withdraw(parts, waiting, successor, ended));
    if (withdrawn === undefined) return false;
    await endWaiting(parts, waiting, withdrawn);
    return true;
  };
}

/**
 * The trouble of a waiting run is over before anybody has answered: nothing is left to decide, and nobody is to be woken by an
 * expiry. false: a person was quicker.
 */
export type NoLongerNeeded = (waiting: RunRecord) => Promise<boolean>;

export function makeNoLongerNeeded(parts: Omit<SupersedingParts, "look">): NoLongerNeeded {
  return async function noLongerNeeded(waiting) {
    const why = "no longer needed, since the symptom is gone";
    const [withdrawn] = await parts.approvals.withdraw(waiting.id, why);
    if (withdrawn === undefined) return false;
    await parts.audit.append({
      actor: "opsmedic",
      door: "system",
      action: "approval.withdraw",
      target: withdrawn.id,
      detail: { run: waiting.id, reason: why },
    });
    await endWaiting(parts, waiting, withdrawn);
    return true;
  };
}

async function endWaiting(
  { runs, clock, onWithdrawn }: Omit<SupersedingParts, "look">,
  waiting: RunRecord,
  withdrawn: ApprovalRecord,
): Promise<void> {
  const end = { outcome: "no-longer-needed", report: `Nothing was done: ${withdrawn.reason}` } as const;
  const incident = await runs.incident(waiting.id);
  if (incident) await runs.saveIncident(waiting.id, { ...incident, ...end });
  await runs.update(waiting.id, { status: "ended", ...end, endedAt: clock.now() });
  onWithdrawn(withdrawn);
}

type Withdrawn = ReadonlyMap<string, ApprovalRecord>;

/** undefined: nothing is worse, or a person was quicker, and the decision counts. */
async function withdraw(
  parts: SupersedingParts,
  waiting: RunRecord,
  successor: string,
  before: Withdrawn,
): Promise<ApprovalRecord | undefined> {
  const worse = worseThan(await knownTo(parts, waiting, before), await parts.look(waiting.service));
  if (worse === undefined) return undefined;
  const why = `${SUPERSEDED} ${successor}, since it is worse now: ${worse.summary}`;
  const [withdrawn] = await parts.approvals.withdraw(waiting.id, why);
  if (withdrawn === undefined) return undefined;
  await parts.audit.append({
    actor: "opsmedic",
    door: "system",
    action: "approval.withdraw",
    target: withdrawn.id,
    detail: { run: waiting.id, successor, kind: worse.kind, severity: worse.severity },
  });
  return withdrawn;
}

async function withdrawnRuns(approvals: Approvals): Promise<Withdrawn> {
  const all = await approvals.list({ status: "withdrawn", limit: MOST_WITHDRAWN });
  // What was withdrawn because all was well again is another story.
  return new Map(all.filter(({ reason }) => reason?.startsWith(SUPERSEDED)).map((one) => [one.runId, one]));
}

/**
 * The first symptom that is at least as grave as the gravest known one, and is of another kind or graver than it was.
 * Pure. Where nothing is known there is nothing to compare with.
 */
export function worseThan(known: readonly Finding[], now: readonly Finding[]): Finding | undefined {
  const before = known.filter(isSymptom);
  if (before.length === 0) return undefined;
  const gravest = Math.min(...before.map(gravity));
  return now
    .filter(isSymptom)
    .find(
      (one) =>
        gravity(one) <= gravest &&
        !before.some((other) => other.kind === one.kind && gravity(other) <= gravity(one)),
    );
}

/** 0 is the gravest. */
function gravity({ severity }: Finding): number {
  return severities.indexOf(severity);
}

/** What the waiting run was about, and those that it has superseded: a symptom that alternates between two kinds must
 * not take every question away before anybody can answer it. */
async function knownTo(
  { runs }: SupersedingParts,
  waiting: RunRecord,
  withdrawn: Withdrawn,
): Promise<Finding[]> {
  const known: Finding[] = [];
  const { runs: newest } = await runs.list({ service: waiting.service, limit: LONGEST_CHAIN });
  const before = newest.slice(newest.findIndex((one) => one.id === waiting.id));
  for (const [index, one] of before.entries()) {
    if (index > 0 && !withdrawn.has(one.id)) break;
    known.push(...((await runs.incident(one.id))?.findings ?? []));
  }
  return known;
}
