// What a replay came to, beside what the record says, in words for a person.
import type { Judgement } from "./replay-run.ts";

export interface Comparison {
  same: boolean;
  /** One sentence each; empty where everything is as it was. */
  differences: string[];
}

export function compared(recorded: Judgement, replayed: Judgement): Comparison {
  const differences = [
    differ("The cause", causeText(recorded), causeText(replayed)),
    differ("The plan", planText(recorded), planText(replayed)),
    differ("The gate", recorded.verdict?.decision ?? "not asked", replayed.verdict?.decision ?? "not asked"),
    ...rules(recorded, replayed),
  ].filter((one) => one !== undefined);
  return { same: differences.length === 0, differences };
}

function differ(what: string, before: string, after: string): string | undefined {
  return before === after ? undefined : `${what} was ${before}; it would be ${after}.`;
}

function causeText({ cause }: Judgement): string {
  return cause ? `${cause.playbook} at ${cause.service}, ${cause.scoreBp / 100} %` : "none";
}

function planText({ plan, noPlan }: Judgement): string {
  return plan ? `"${plan.title}" (${plan.hash.slice(0, 8)})` : `none (${noPlan ?? "no reason"})`;
}

/** Rules of the gate that answer otherwise; only where both asked it. */
function rules({ verdict: before }: Judgement, { verdict: after }: Judgement): string[] {
  if (!before || !after) return [];
  return after.reasons.flatMap(({ rule, outcome, text }) => {
    const known = before.reasons.find((one) => one.rule === rule);
    // A rule that came later and does not object changes nothing.
    return known?.outcome === outcome || (known === undefined && outcome === "pass")
      ? []
      : [`Rule ${rule}: ${known?.outcome ?? "not there"} → ${outcome}, ${text}.`];
  });
}
