// Score keeper: remembers each decision of the gate on a plan, and scores it later against what really happened. In observe
// mode that is all that becomes of a plan, and by it autonomy is earned.
import type { Clock } from "../domain/clock.ts";
import type { DecisionEnding, Pair, Standing } from "../domain/autonomy.ts";
import type { Incident } from "../domain/incident.ts";
import type { FixPlan, Verdict } from "../domain/plan.ts";
import type { Policy } from "../domain/policy.ts";
import type { DecisionRecord, NewDecision, Store } from "../knowledge/records.ts";
import { type Aftermath, scoreDecision } from "./decision-score.ts";
import { standingOf } from "./autonomy.ts";
import { baselineOf, isSameDone } from "./same-done.ts";
import type { Workbench } from "./workbench.ts";

export interface ScoreKeeperParts {
  decisions: Store["decisions"];
  cases: Pick<Store["cases"], "recent">;
  incidents: Pick<Store["incidents"], "ofSignature">;
  approvals: Pick<Store["approvals"], "ofRuns">;
  notes: Pick<Store["notes"], "of">;
  workbench: Pick<Workbench, "lay">;
  policy: () => Policy;
  clock: Pick<Clock, "now">;
}

export type ScoreKeeper = ReturnType<typeof makeScoreKeeper>;

type Judged = Pick<Incident, "runId" | "incidentId" | "findings"> & { plan: FixPlan; verdict: Verdict };

/** Rules whose "no" says nothing about the plan: it would have been carried out, had it been allowed to act. */
const WITHHELD: readonly string[] = ["mode", "autonomy"];
/** By these the service was seen well. */
const OVER: readonly DecisionEnding[] = ["same-done", "by-itself", "unexplained"];
const MOST_CASES = 500;
const MOST_INCIDENTS = 50;
/** Enough for any pair; what is older than the last loss counts no more. */
const MOST_DECISIONS = 1_000;

export function makeScoreKeeper(parts: ScoreKeeperParts) {
  const { decisions, clock, policy } = parts;

  /** What can be said of the open decisions of a service, and what has come back since. `well`: it is seen well now. */
  async function settle(service: string, { well = false }: { well?: boolean } = {}): Promise<void> {
    const now = clock.now();
    for (const one of await decisions.open(service)) await scoreOne(one, well ? now : null);
    const since = now - policy().breaker.symptomReturnsMs;
    for (const one of await decisions.scored(service, since)) {
      if (one.ending === "healed") await scoreOne(one, now);
    }
  }

  async function scoreOne(decision: DecisionRecord, endedAt: number | null): Promise<void> {
    const now = clock.now();
    const after = await aftermathOf(parts, decision, endedAt);
    if (after.sameDoneAt !== null && decision.sameDoneAt === null) {
      await decisions.sameDone(decision.id, after.sameDoneAt);
    }
    const score = scoreDecision(decision, after, { provenMs: policy().validate.forMs, now });
    if (score === undefined || score.ending === decision.ending) return;
    const { outcome, ending, text } = score;
    await decisions.score(decision.id, { outcome, ending, told: text, at: now });
  }

  return {
    settle,

    /** Once the gate has spoken; the same plan judged again changes nothing. */
    async note(judged: Judged, signal?: AbortSignal): Promise<void> {
      const noted = await decisions.note(decisionOf(judged, clock.now()));
      if (noted.baseline !== null || noted.decision === "allow" || noted.times > 1) return;
      const baseline = await baselineOf(parts.workbench, judged.plan, signal);
      if (baseline !== undefined) await decisions.baseline(noted.id, baseline);
    },

    /** What a person who closed the incident said of its cause; it may change what was scored before. */
    async say(incidentId: string, said: "right" | "wrong"): Promise<void> {
      for (const one of await decisions.ofIncident(incidentId)) {
        await decisions.say(one.id, said);
        const ended = one.ending !== null && OVER.includes(one.ending) ? one.scoredAt : null;
        await scoreOne({ ...one, said }, ended);
      }
    },

    async standing(pair: Pair): Promise<Standing> {
      const [own, revoked] = await Promise.all([
        decisions.list({ pair, limit: MOST_DECISIONS }),
        decisions.revocations(pair),
      ]);
      return standingOf(pair, own.flatMap(scored), revoked, policy().autonomy ?? NOTHING_TO_EARN);
    },
  };
}

/** For policies from before autonomy could be earned. */
export const NOTHING_TO_EARN = { grant: "given", least: 10, boundBp: 7_000 } as const;

export function scored({ outcome, would, told, scoredAt }: DecisionRecord) {
  return outcome === null || scoredAt === null ? [] : [{ outcome, would, told: told ?? "", at: scoredAt }];
}

function decisionOf({ runId, incidentId, findings, plan, verdict }: Judged, at: number): NewDecision {
  const against = verdict.reasons.filter((one) => one.outcome !== "pass").map((one) => one.rule);
  const { service, playbook, fix, title, cause } = plan;
  return {
    service,
    playbook,
    fix,
    fixClass: plan.class,
    title,
    cause,
    scoreBp: verdict.scoreBp,
    decision: verdict.decision,
    against,
    would: against.every((one) => WITHHELD.includes(one)),
    signatures: [...new Set(findings.map((one) => one.signature))],
    runId,
    incidentId,
    planHash: plan.hash,
    at,
  };
}

async function aftermathOf(
  parts: ScoreKeeperParts,
  decision: DecisionRecord,
  endedAt: number | null,
): Promise<Aftermath> {
  const { service, playbook, fix, runIds, incidentIds, planHashes } = decision;
  const [cases, approvals, notes] = await Promise.all([
    parts.cases.recent({ service, since: decision.at, limit: MOST_CASES }),
    parts.approvals.ofRuns(runIds),
    parts.notes.of(incidentIds),
  ]);
  const tried = cases.filter(({ outcome }) => outcome !== "escalated" && outcome !== "rejected");
  const own = tried.findLast((one) => one.playbook === playbook && one.fix === fix);
  const applied = own?.outcome;
  return {
    applied: applied === "healed" || applied === "not-healed" || applied === "worse" ? applied : null,
    cameBack: own?.outcome === "healed" && (await cameBack(parts, decision, own.at)),
    said: decision.said,
    refused: approvals.some((one) => one.status === "rejected" && planHashes.includes(one.planHash)),
    canTell: decision.baseline !== null,
    sameDoneAt: decision.sameDoneAt ?? (own ? null : await sameDoneAt(parts, decision)),
    otherMeans:
      tried.some((one) => one !== own && one.outcome === "healed") ||
      notes.some((one) => one.kind === "resolve"),
    endedAt,
  };
}

/** An incident of the same symptom was opened soon after: what healed did not last. */
async function cameBack(
  { incidents, policy }: ScoreKeeperParts,
  { service, signatures }: DecisionRecord,
  healedAt: number,
): Promise<boolean> {
  const until = healedAt + policy().breaker.symptomReturnsMs;
  const found = await Promise.all(signatures.map((one) => incidents.ofSignature(one, MOST_INCIDENTS)));
  return found
    .flat()
    .some((one) => one.service === service && one.openedAt > healedAt && one.openedAt <= until);
}

async function sameDoneAt(
  { workbench, clock }: ScoreKeeperParts,
  { baseline }: DecisionRecord,
): Promise<number | null> {
  return baseline !== null && (await isSameDone(workbench, baseline)) ? clock.now() : null;
}
