// An answer without a model: the question's intent picks one rule, the rule reads and makes claims.
import type { Intent } from "./intents.ts";
import { act, notFixed, wouldDo } from "./rules/acting.ts";
import { changes, done } from "./rules/changes.ts";
import { confidence } from "./rules/confidence.ts";
import { happened, howOften } from "./rules/happened.ts";
import { bestFix, learned, similar, watches } from "./rules/learned.ts";
import { list } from "./rules/lists.ts";
import { logs, meaning } from "./rules/logs.ts";
import { brokenNow, healthy } from "./rules/now.ts";
import { forecast, metric } from "./rules/numbers.ts";
import { audit, decided, waiting } from "./rules/people.ts";
import { retrieval } from "./rules/retrieval.ts";
import type { Ask, Draft, Rule } from "./rules/rule.ts";
import { diff, undo } from "./rules/taking-back.ts";
import { affected, duration, proof, rival, trouble } from "./rules/trouble.ts";

const rules: Readonly<Record<Intent, Rule>> = {
  act,
  diff,
  undo,
  "not-fixed": notFixed,
  decided,
  audit,
  rival,
  proof,
  confidence,
  waiting,
  similar,
  "best-fix": bestFix,
  forecast,
  duration,
  "how-often": howOften,
  learned,
  watches,
  changes,
  done,
  "would-do": wouldDo,
  meaning,
  logs,
  affected,
  metric,
  list,
  healthy,
  trouble,
  "broken-now": brokenNow,
  happened,
  help: () => Promise.resolve({ claims: [], note: WHAT_TO_ASK }),
};

export const WHAT_TO_ASK =
  "I can answer from my records, for example: what happened last night, why is NAME slow, why did you not fix NAME, " +
  "what changed before INCIDENT, show similar, how sure were you and why, what did you do to NAME this week, what is " +
  "broken now, what waits for approval, who approved it, what did you learn about NAME, will the disk fill up, what " +
  "does ERROR mean, how often did NAME fail, what would you do, how do I undo it.";

export async function byRules(ask: Ask): Promise<Draft> {
  const { intent, services, ids, span } = ask.question;
  if (intent !== undefined) return rules[intent](ask);
  if (Object.keys(ids).length > 0) return happened(ask);
  const found = await retrieval(ask);
  if (found.claims.length > 0) return found;
  // A name or a time alone asks what there is to tell of it.
  if (services.length > 0 && ask.question.content.length === 0) return healthy(ask);
  return span !== undefined && ask.question.content.length === 0 ? happened(ask) : found;
}
