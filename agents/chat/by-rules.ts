// An answer without a model: the question's intent picks one rule, the rule reads and makes claims.
import type { Intent } from "./intents.ts";
import { act, notFixed, wouldDo } from "./rules/acting.ts";
import { changes, done } from "./rules/changes.ts";
import { confidence } from "./rules/confidence.ts";
import { happened, howOften, worst } from "./rules/happened.ts";
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
  worst,
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

const NOT_SURE = "I am not sure what you ask; this is what my records say of it.";

export async function byRules(ask: Ask): Promise<Draft> {
  const { intent, services, ids, span, content, unknownService } = ask.question;
  if (intent !== undefined) return rules[intent](ask);
  if (Object.keys(ids).length > 0) return happened(ask);
  if (services.length > 0 && content.length === 0 && span === undefined) return healthy(ask);
  const found = await retrieval(ask);
  const isNamed = services.length > 0 || span !== undefined;
  const goesOn = { services, ...(span && { span }), ...(isNamed && { intent: "happened" }) };
  if (found.claims.length > 0) return { ...found, topic: goesOn };
  if (!isNamed || unknownService !== undefined) return found;
  // What is asked is not understood, but of what: then what there is to tell of it.
  const as = span !== undefined || services.length === 0 ? "happened" : "trouble";
  const told = await rules[as](ask);
  return told.claims.length > 0 ? { ...told, note: NOT_SURE, topic: { ...told.topic, intent: as } } : told;
}
