// How a run ended, as claims: what was planned, what the gate and people said, what came of it.
import type { ApprovalRecord } from "../../../knowledge/records.ts";
import type { ReadRun, Reading } from "../reading.ts";
import { cite, type Claim } from "../reply.ts";
import { percentOf, quoted, sentence } from "../words.ts";
import { claim } from "./rule.ts";

export async function endingOf(
  read: ReadRun,
  reading: Reading,
  moment: (at: number) => string,
): Promise<Claim[]> {
  const { run, incident, at } = read;
  const { plan, validation, rollback, failure, noPlan } = incident ?? {};
  const approval = await reading.approvalOf(run.id);
  const claims: Claim[] = [];
  if (plan) claims.push(claim(`The plan was: ${plan.title} (${plan.fix}, risk ${plan.risk}).`, at("decide")));
  if (!plan && noPlan) claims.push(claim(`There was no fix: ${sentence(noPlan)}`, at("decide")));
  claims.push(...gateClaims(read, approval, moment));
  if (validation?.outcome === "healed")
    claims.push(claim(`It was healed: ${sentence(validation.summary)}`, at("validate"), cite("run", run.id)));
  else if (validation)
    claims.push(
      claim(`The fix did not help: ${sentence(validation.summary)}`, at("validate"), cite("run", run.id)),
    );
  if (rollback?.outcome === "undone")
    claims.push(
      claim(
        `So ${plan?.fix ?? "it"} was taken back (rolled back), and a human is needed.`,
        at("rollBack"),
        cite("run", run.id),
      ),
    );
  if (rollback?.outcome === "failed")
    claims.push(claim("Taking it back failed; a human is needed.", at("rollBack")));
  if (failure)
    claims.push(claim(`The run broke in ${failure.node}: ${sentence(failure.message)}`, cite("run", run.id)));
  if (run.outcome === "deferred")
    claims.push(
      claim(`Nothing was done at ${run.service} itself: the cause is healed first.`, cite("run", run.id)),
    );
  return claims;
}

function gateClaims(
  { run, incident, at }: ReadRun,
  approval: ApprovalRecord | undefined,
  moment: (at: number) => string,
): Claim[] {
  const verdict = incident?.verdict;
  if (!verdict) return [];
  const against = verdict.reasons.filter((one) => one.outcome !== "pass").map((one) => one.text);
  if (verdict.decision === "deny")
    return [claim(`The gate denied it: ${sentence(against.join("; "))}`, at("gate"), cite("run", run.id))];
  if (verdict.decision === "allow") return [];
  const asked = claim(`The gate asked for a person: ${sentence(against.join("; "))}`, at("gate"));
  return approval ? [asked, decisionClaim(approval, moment)] : [asked];
}

export function decisionClaim(one: ApprovalRecord, moment: (at: number) => string): Claim {
  const why = one.reason === null || one.reason === "" ? "" : ` Reason given: ${quoted(one.reason)}.`;
  const at = one.decidedAt === null ? "" : ` at ${moment(one.decidedAt)}`;
  const what = `"${quoted(one.summary)}" for ${one.service}`;
  const run = cite("approval", one.id);
  switch (one.status) {
    case "pending":
      return claim(
        `${one.id} waits for approval until ${moment(one.expiresAt)}: ${what}, ${percentOf(one.scoreBp)} sure, risk ${one.risk}.`,
        run,
      );
    case "expired":
      return claim(`Nobody decided ${one.id} in time, so it expired: ${what}.`, run);
    case "withdrawn":
      return claim(`${one.id} was withdrawn: ${what}.${why}`, run);
    default:
      return claim(`${one.decidedBy ?? "Somebody"} ${one.status} ${one.id}${at}: ${what}.${why}`, run);
  }
}
