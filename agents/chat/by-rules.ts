// An answer without a model: the question's intent picks one rule, the rule reads and makes claims.
import type { Intent } from "./intents.ts";
import { rivalOf } from "./scoring.ts";
import { askedBack, doYouMean } from "./asking-back.ts";
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
import { affected, duration, nothingOf, proof, rival, trouble } from "./rules/trouble.ts";

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
  const { question } = ask;
  const { intent, services, ids, span, content, unknown, unknownService } = question;
  const back = await askedBack(question, (one) => rules[one](ask));
  if (back !== undefined) return back;
  // A name that nothing here has: what there is to tell is of something else.
  if (unknownService !== undefined && (intent === "healthy" || intent === "broken-now"))
    return nothingOf(ask);
  if (intent !== undefined) return clearest(ask, intent);
  if (Object.keys(ids).length > 0) return happened(ask);
  if (services.length > 0 && content.length === 0 && span === undefined) return healthy(ask);
  const found = await retrieval(ask);
  const isNamed = services.length > 0 || span !== undefined;
  const goesOn = { services, ...(span && { span }), ...(isNamed && { intent: "happened" }) };
  if (found.claims.length > 0) return { ...found, topic: goesOn };
  if (!isNamed || unknownService !== undefined) return found;
  // A time alone is in many questions that no record answers.
  if (services.length === 0 && unknown.length > 0 && unknown.length * 2 >= content.length) return found;
  // What is asked is not understood, but of what: then what there is to tell of it.
  const as = span !== undefined || services.length === 0 ? "happened" : "trouble";
  const told = await rules[as](ask);
  const note = `${NOT_SURE} ${doYouMean(question)}`;
  return told.claims.length > 0 ? { ...told, note, topic: { ...told.topic, intent: as } } : told;
}

const MOST_OF_EACH = 8;

/** Where two readings are close, both are told, and that there are two. */
async function clearest(ask: Ask, intent: Intent): Promise<Draft> {
  const { likely } = ask.question;
  const rival = likely[0]?.intent === intent ? rivalOf(likely) : undefined;
  const first = await rules[intent](ask);
  if (rival === undefined) return first.claims.length > 0 ? first : orNext(ask, intent, first);
  const second = await rules[rival.intent](ask);
  if (second.claims.length === 0) return first;
  if (first.claims.length === 0) return second;
  const told = new Set(first.claims.map((one) => one.text));
  const more = second.claims.filter((one) => !told.has(one.text));
  return {
    ...first,
    claims: [...first.claims.slice(0, MOST_OF_EACH), ...more.slice(0, MOST_OF_EACH)],
    commands: [...new Set([...(first.commands ?? []), ...(second.commands ?? [])])],
    unsure: true,
    note: `I am not sure what you ask; both readings are told. ${doYouMean(ask.question)}`,
  };
}

/** The weight from which a reading stands for itself. */
const STANDS = 2;

/** Where the likeliest reading finds nothing: that, and what the next one finds. */
async function orNext(ask: Ask, intent: Intent, first: Draft): Promise<Draft> {
  const { likely, services, span, unknownService } = ask.question;
  const next = likely.find((one) => one.intent !== intent && one.points >= STANDS);
  const hasSubject = services.length > 0 || span !== undefined;
  if (next === undefined || !hasSubject || unknownService !== undefined || (first.commands ?? []).length > 0)
    return first;
  const found = await rules[next.intent](ask);
  if (found.claims.length === 0) return first;
  return {
    ...found,
    unsure: true,
    note: `I am not sure what you ask. ${first.note ?? ""} ${doYouMean(ask.question)}`,
  };
}
