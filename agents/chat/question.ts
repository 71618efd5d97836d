// A question understood by rules: what it asks for, of which services and records, of which time.
import { conceptsOf, type Concept } from "./concepts.ts";
import { aboutOne, aboutOneIfShort, type Intent } from "./intents.ts";
import { wantedAct } from "./orders.ts";
import { readingsOf, type Scored } from "./scoring.ts";
import { ORDINARY, wordsOf } from "./plain-words.ts";
import type { Topic } from "./reply.ts";
import { servicesNamed } from "./service-names.ts";
import { type Span, spanOf } from "./time-words.ts";

export interface RecordIds {
  incident?: string;
  run?: string;
  approval?: string;
  backup?: string;
  case?: string;
}

export interface Question {
  text: string;
  words: string[];
  concepts: ReadonlySet<Concept>;
  /** What may be meant, likeliest first. */
  likely: Scored[];
  /** Words that mean nothing here. */
  unknown: string[];
  intent: Intent | undefined;
  /** The verb, where something is to be done. */
  act: string | undefined;
  services: string[];
  ids: RecordIds;
  person: string | undefined;
  span: Span | undefined;
  /** Words that say nothing of service, time or intent: what is looked for in records. */
  content: string[];
  /** Named like a service, and none: "the billing service". */
  unknownService: string | undefined;
}

export interface Known {
  services: readonly string[];
  /** Names of people in the records. */
  people: readonly string[];
  /** The playbooks' words for trouble. */
  symptoms?: ReadonlySet<string>;
  now: number;
  timeZone: string;
}

const ID_KINDS: readonly (readonly [keyof RecordIds, RegExp])[] = [
  ["incident", /\binc[_-]\w[\w-]*/i],
  ["run", /\brun[_-]\w[\w-]*/i],
  ["approval", /\bapr[_-]\w[\w-]*/i],
  ["backup", /\bbackup[_-]\d\w*/i],
  ["case", /\bcase[_-]\w[\w-]*/i],
];

/** `topic` is what the conversation was about: it fills in what the question leaves out. */
export function understood(text: string, known: Known, topic: Topic = {}): Question {
  const { ids, rest } = idsIn(text);
  const words = wordsOf(rest);
  const { services, words: names } = servicesNamed(words, known.services);
  const people = words.filter((one) => known.people.includes(one));
  const { concepts, unknown } = conceptsOf(words, new Set([...names, ...people]), known.symptoms);
  const span = spanOf(words.join(" "), known.now, known.timeZone);
  const act = wantedAct(words);
  const named = { named: services.length > 0, person: people.length > 0 };
  const likely = readingsOf(concepts, named);
  const intent = act === undefined ? (likely[0]?.intent ?? idIntent(ids, words)) : "act";
  const question: Question = {
    text,
    words,
    concepts,
    likely,
    unknown,
    intent,
    act,
    services,
    ids,
    person: people[0],
    span,
    content: contentOf(words).filter((one) => !names.has(one) && !people.includes(one)),
    unknownService:
      services.length > 0 ? undefined : (unknownServiceIn(words) ?? strangerIn(words, unknown, intent)),
  };
  return inTense(withTopic(question, topic), known.now);
}

const HOUR = 3_600_000;

/** How things are is asked of now; of a time that is over it is what happened. */
function inTense(question: Question, now: number): Question {
  const { intent, span } = question;
  const isOne =
    question.services.length > 0 ||
    Object.keys(question.ids).length > 0 ||
    question.unknownService !== undefined;
  // "what broke on tuesday": all of it.
  if (intent === "trouble" && span !== undefined && !isOne && !question.concepts.has("why"))
    return { ...question, intent: "happened" };
  const isOver = span !== undefined && span.to < now - HOUR;
  return isOver && (intent === "healthy" || intent === "broken-now")
    ? { ...question, intent: "happened" }
    : question;
}

/** Ids first: parts of them must not be read as words. A run's id within an approval's is not the run. */
function idsIn(text: string): { ids: RecordIds; rest: string } {
  let rest = text;
  const ids: RecordIds = {};
  for (const kind of ["approval", "case", "backup", "incident", "run"] as const) {
    const pattern = ID_KINDS.find(([name]) => name === kind)?.[1];
    const found = pattern?.exec(rest)?.[0];
    if (found === undefined) continue;
    ids[kind] = found;
    rest = rest.replace(found, " ");
  }
  return { ids, rest };
}

function idIntent(ids: RecordIds, words: readonly string[]): Intent | undefined {
  if (Object.keys(ids).length === 0) return undefined;
  return words.length <= 6 ? "happened" : undefined;
}

function unknownServiceIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((one) => one === "service" || one === "container");
  const before = words[at - 1];
  const after = words[at + 1];
  const candidate = [before, after].find((one) => one !== undefined && !ORDINARY.has(one) && one.length > 2);
  return at < 0 || before === undefined || !/\b(the|is|of|my|our)\b/.test(words.slice(0, at).join(" "))
    ? undefined
    : candidate;
}

const ABOUT = /\b(is|are|was|were|did|does|has|of|with|about|to|at|for|in)( the| our| my)?$/;
/** Asked of these, an unknown name is no service. */
const ABOUT_ANY: ReadonlySet<Intent> = new Set<Intent>(["act", "meaning", "logs", "help", "learned", "list"]);

/** Endings of words that say how, or how much, and of verbs. */
const NO_NAME = /(ly|iest|ing|ed)$/;

/** "why is kafka down": what stands where a service would, and is nothing that is known. */
function strangerIn(
  words: readonly string[],
  unknown: readonly string[],
  intent: Intent | undefined,
): string | undefined {
  if (intent === undefined || ABOUT_ANY.has(intent)) return undefined;
  return unknown.find((one) => {
    const at = words.indexOf(one);
    const before = ABOUT.exec(words.slice(0, at).join(" "));
    if (one.length < 3 || before === null || NO_NAME.test(one)) return false;
    const after = words[at + 1];
    return (
      after === undefined ||
      (!unknown.includes(after) && /^(is|are|was|were|did|does|has)$/.test(before[1] ?? ""))
    );
  });
}

/** In a conversation "the fix" is the one that was told of. */
const THE_ONE =
  /\bthe (fix|repair|change|cause|incident|problem|outage|run|error|approval|plan|backup|decision|service|diagnosis|issue|failure|crash)\b/;
const POINTING = /\b(it|that|this|these|they|them|its|same|he|she)\b/;
const SPAN_WORDS = /\b(this|that) (week|morning|afternoon|evening|night|month|year|day)\b/g;

function withTopic(question: Question, topic: Topic): Question {
  const { ids, services, span, words } = question;
  const hasSubject = services.length > 0 || Object.keys(ids).length > 0;
  const bare = words.join(" ").replaceAll(SPAN_WORDS, "");
  const goesOn = /^(and|what about|how about|or|also|then|so)\b/.test(bare) || words.length <= 2;
  const intent = intentFor(question, topic, goesOn);
  const isShort = words.length <= 4 && span === undefined;
  const needs =
    intent !== undefined &&
    (aboutOne.has(intent) ||
      (isShort && aboutOneIfShort.has(intent)) ||
      POINTING.test(bare) ||
      THE_ONE.test(bare));
  const same = question.intent === undefined && goesOn;
  if (hasSubject || question.unknownService !== undefined || !(needs || same)) {
    return { ...question, intent, span: span ?? (same && intent !== "healthy" ? topic.span : undefined) };
  }
  // Another time makes it another incident.
  const moved = span !== undefined;
  return {
    ...question,
    intent,
    services: topic.services ?? [],
    ids: moved
      ? ids
      : {
          ...ids,
          ...(topic.incidentId && { incident: topic.incidentId }),
          ...(topic.runId && { run: topic.runId }),
        },
    span: span ?? topic.span,
  };
}

/** "and yesterday?", "what about the database?": the question before, of something else. "why?": of what was told. */
function intentFor(
  { intent, services, span, words }: Question,
  topic: Topic,
  goesOn: boolean,
): Intent | undefined {
  if (intent !== undefined && !(goesOn && words.length <= 5 && intent === "broken-now" && topic.intent))
    return intent;
  if (!goesOn || topic.intent === undefined) return intent;
  return services.length > 0 || span !== undefined ? (topic.intent as Intent) : intent;
}

/** Words that carry meaning. */
export const contentOf = (words: readonly string[]): string[] => words.filter((one) => !ORDINARY.has(one));
