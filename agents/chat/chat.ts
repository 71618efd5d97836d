// The chat: a question in, claims with citations out. It reads and never changes anything. Rules answer; a model, where
// one is configured, may answer better from the same records, and is held to the same checks.
import type { Clock } from "../../domain/clock.ts";
import type { Model } from "../../tools/model.ts";
import { byRules, WHAT_TO_ASK } from "./by-rules.ts";
import { checkedClaims } from "./citations.ts";
import { modelClaims } from "./model-answer.ts";
import { wordsOf } from "./plain-words.ts";
import { makeNotebook } from "./notebook.ts";
import { understood } from "./question.ts";
import { makeReading } from "./reading.ts";
import type { Reply, Topic } from "./reply.ts";
import type { ChatSources } from "./sources.ts";
import { momentText } from "./words.ts";

export interface ChatParts {
  sources: ChatSources;
  model: Model;
  clock: Pick<Clock, "now">;
  /** IANA name: what "last night" means, and in which times are told. */
  timeZone: string;
}

export interface Asked {
  text: string;
  topic?: Topic | undefined;
  incidentId?: string | undefined;
}

export interface ChatAnswer extends Reply {
  by: "rules" | "model";
}

export type Chat = (asked: Asked, signal?: AbortSignal) => Promise<ChatAnswer>;

const MOST_CLAIMS = 30;

export function makeChat({ sources, model, clock, timeZone }: ChatParts): Chat {
  return async function ask({ text, topic = {}, incidentId }, signal) {
    const now = clock.now();
    const moment = (at: number): string => momentText(at, timeZone);
    const notebook = makeNotebook();
    const reading = makeReading(sources, notebook, moment);
    const [services, audit, approvals] = await Promise.all([
      sources.services(),
      sources.audit.list({ limit: 500 }),
      sources.approvals.list({ limit: 500 }),
    ]);
    const people = [...audit.map((one) => one.actor), ...approvals.flatMap((one) => one.decidedBy ?? [])];
    const names = services.map((one) => one.service);
    const symptoms = symptomWords(sources.playbooks);
    const known = {
      services: names,
      people: people.map((one) => one.toLowerCase()),
      symptoms,
      now,
      timeZone,
    };
    const about = incidentId === undefined ? topic : { ...topic, incidentId, runId: undefined };
    const question = understood(text, known, withoutAbsent(about));
    const draft = await byRules({ question, reading, now, moment });
    const own = (await checkedClaims(draft.claims, notebook, sources)).slice(0, MOST_CLAIMS);
    const told = await modelClaims({ model, question, reading, notebook, names, now, draft: own, signal });
    const better = await checkedClaims(told ?? [], notebook, sources);
    // Anything wrong with a model's answer, and the rules' stands.
    const byModel = better.length > 0 && better.length === told?.length;
    const claims = byModel ? better : own;
    return {
      intent: question.intent ?? (claims.length > 0 ? "search" : "unknown"),
      claims,
      note:
        claims.length > 0 && question.intent !== undefined && question.intent !== "act" && !draft.unsure
          ? null
          : noteOf(draft.note),
      commands: draft.commands ?? [],
      topic: topicAfter(topic, question.intent, draft.topic),
      by: byModel ? "model" : "rules",
    };
  };
}

/** What programs and people call trouble, as the playbooks know it. */
function symptomWords(playbooks: ChatSources["playbooks"]): ReadonlySet<string> {
  return new Set(playbooks.flatMap((one) => one.vocabulary.flatMap(wordsOf)).filter((one) => one.length > 3));
}

function noteOf(note: string | undefined): string {
  if (note === WHAT_TO_ASK || note?.startsWith("I change nothing")) return note;
  const said = note ?? "I do not know.";
  return said.startsWith("I am not sure") ? said : `${said} ${WHAT_TO_ASK}`;
}

/** What was told last is what the next question goes on from; a record belongs to its own answer only. */
function topicAfter(before: Topic, intent: string | undefined, told: Topic | undefined): Topic {
  if (intent === undefined && told === undefined) return before;
  const services = told?.services && told.services.length > 0 ? { services: told.services } : {};
  return { ...told, ...services, ...(intent !== undefined && intent !== "act" && { intent }) };
}

function withoutAbsent(topic: { [K in keyof Topic]?: Topic[K] | undefined }): Topic {
  return Object.fromEntries(Object.entries(topic).filter(([, value]) => value !== undefined));
}

/** The whole answer as a person reads it. */
export function answerText({ claims, note, commands }: Pick<Reply, "claims" | "note" | "commands">): string {
  return [
    ...claims.map(({ text, citations }) => `${text} [${citations.map((one) => one.id).join(", ")}]`),
    ...(note === null ? [] : [note]),
    ...commands.map((one) => `  ${one}`),
  ].join("\n");
}
