// Where a question may mean two things, or little of it is understood: what may be meant, and what to type for it. An
// answer to another question is worse than none.
import type { Intent } from "./intents.ts";
import type { Scored } from "./scoring.ts";
import type { Question } from "./question.ts";
import type { Draft } from "./rules/rule.ts";

/** Weight of what is only said of most things: that it is down, that it was. */
const LITTLE = 1.5;
/** Weight that one clear word has. */
const CLEAR = 4;

/** undefined: it is clear enough what is asked. `tell` answers as far as it is understood. */
export async function askedBack(
  question: Question,
  tell: (intent: Intent) => Promise<Draft>,
): Promise<Draft | undefined> {
  const { intent, likely, unknown, content, services, ids, span, person, act } = question;
  const [first] = likely;
  if (intent === undefined || act !== undefined || first?.intent !== intent || LOOKED_UP.has(intent))
    return undefined;
  if (question.unknownService !== undefined || Object.keys(ids).length > 0) return undefined;
  const hasSubject = services.length > 0 || span !== undefined || person !== undefined;
  const mostUnknown = unknown.length * 2 >= content.length;
  const isClear = hasSubject || !mostUnknown ? first.points >= LITTLE : first.points > CLEAR;
  if (unknown.length === 0 || isClear) return undefined;
  // Of a service that is named there is something to tell.
  const told = services.length > 0 ? await tell(intent) : undefined;
  return {
    ...told,
    claims: told?.claims ?? [],
    unsure: true,
    note: `I am not sure what you ask: I do not know ${unknown
      .slice(0, 3)
      .map((one) => `"${one.slice(0, 40)}"`)
      .join(", ")}. ${doYouMean(question)}`,
    topic: { services, ...(span && { span }), ...told?.topic },
  };
}

/** They look up the very words that nothing else knows; how things are now is told to whoever names no other thing. */
const LOOKED_UP: ReadonlySet<Intent> = new Set<Intent>([
  "act",
  "meaning",
  "logs",
  "help",
  "similar",
  "broken-now",
]);

/** The two likeliest readings, as questions to type. */
export function doYouMean({ likely, services, span }: Question): string {
  const more: Scored[] = (services.length > 0 ? NAMED : UNNAMED).map((intent) => ({
    intent,
    points: 0,
    explains: [],
  }));
  const two = [...new Set([...likely, ...more].map((one) => one.intent))]
    .filter((one) => one !== "act")
    .slice(0, 2);
  const when = (intent: Intent): string =>
    span === undefined || !OF_A_TIME.has(intent) ? "" : ` ${span.words}`;
  const [one = "", other = ""] = two.map((intent) => `"${EXAMPLES[intent](services[0])}${when(intent)}?"`);
  return `Do you mean ${one} or ${other} Type the one you mean.`;
}

const OF_A_TIME: ReadonlySet<Intent> = new Set<Intent>([
  "happened",
  "trouble",
  "done",
  "how-often",
  "worst",
  "duration",
]);
const NAMED: readonly Intent[] = ["trouble", "done"];
const UNNAMED: readonly Intent[] = ["happened", "broken-now"];

const of =
  (before: string, after = "") =>
  (name: string | undefined): string =>
    name === undefined ? `${before} it${after}` : `${before} ${name}${after}`;
const at =
  (text: string) =>
  (name: string | undefined): string =>
    name === undefined ? text : `${text} at ${name}`;

/** A question for each intent, as it is surely understood. */
const EXAMPLES: Readonly<Record<Intent, (name: string | undefined) => string>> = {
  act: of("restart"),
  diff: of("show the diff of"),
  undo: of("how do i undo what you did to"),
  "not-fixed": of("why did you not fix"),
  decided: of("who approved the fix of"),
  audit: () => "what did people do",
  rival: of("what else could it have been at"),
  proof: of("how do you know", " is healed"),
  confidence: of("how sure were you about"),
  waiting: at("what waits for approval"),
  similar: of("show similar to"),
  "best-fix": at("which fix works best"),
  forecast: of("when will the disk of", " be full"),
  duration: of("how long was", " down"),
  "how-often": of("how often did", " fail"),
  worst: () => "which service has most incidents",
  learned: of("what did you learn about"),
  watches: of("what do you watch at"),
  changes: of("what changed before the incident of"),
  done: of("what did you do to"),
  "would-do": of("what would you do about"),
  meaning: () => "what does the error mean",
  logs: of("show the logs of"),
  affected: of("which services were affected by"),
  metric: of("what is the latency of"),
  list: () => "list incidents",
  healthy: of("is", " healthy"),
  trouble: of("why was", " down"),
  "broken-now": () => "what is broken now",
  happened: (name) => (name === undefined ? "what happened" : `what happened to ${name}`),
  help: () => "what can you tell me",
};
