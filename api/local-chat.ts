// The chat over the store of this process: builds what it may read, and keeps the conversation.
import type { ChatAnswer } from "../agents/chat/chat.ts";
import { recallCases } from "../agents/chat/case-recall.ts";
import { type Citation, topicSchema } from "../agents/chat/reply.ts";
import { makeSeriesAhead } from "../agents/chat/series-ahead.ts";
import type { ChatSources } from "../agents/chat/sources.ts";
import { limitOf } from "../agents/series-limits.ts";
import { HealError } from "../domain/errors.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { type Model, noModel } from "../tools/model.ts";
import type { ChatEvent, ChatReply, ChatRequest, Chatting } from "./chat.ts";
import type { LocalParts } from "./local-operations.ts";
import type { Actor } from "./operations.ts";

/** What the chat needs beside the rest; absent: no model, and what is similar out of this store's own cases. */
export interface ChatPartsOfOperations {
  model?: Model;
  knowledge?: Pick<KnowledgeBase, "similar" | "read">;
}

export function localChat(parts: LocalParts): Chatting {
  const { store, clock, model = noModel } = parts;
  const sources = sourcesOf(parts);

  /** undefined where a new one begins. */
  async function going({ conversation_id: id }: ChatRequest, { name }: Actor) {
    if (id === undefined) return undefined;
    const found = await store.conversations.get(id, name);
    if (found) return found;
    throw new HealError(`There is no conversation ${JSON.stringify(id.slice(0, 200))} of yours.`, {
      code: "not-found",
      hint: "Leave conversation_id away to begin a new one; old ones are removed after the retention time.",
    });
  }

  return {
    async ask(request, actor, onEvent) {
      const { question, incident_id: incidentId, timezone } = request;
      const before = await going(request, actor);
      if (incidentId !== undefined && !(await store.incidents.get(incidentId)))
        throw new HealError(`There is no incident ${JSON.stringify(incidentId.slice(0, 200))}.`, {
          code: "not-found",
          hint: "opsmedic incidents ls, or GET /api/incidents, lists them.",
        });
      // Only who asks pays for loading it.
      const { makeChat, answerText } = await import("../agents/chat/chat.ts");
      const timeZone = timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
      const chat = makeChat({ sources, model, clock, timeZone });
      const topic = topicSchema.safeParse(before?.topic ?? {}).data;
      const told = await chat({ text: question, topic, incidentId });
      if (onEvent) tell(told, onEvent);
      const answer = answerText(told);
      const turn = { at: clock.now(), question, answer };
      const id = await store.conversations.add(before?.id, actor.name, turn, told.topic);
      return replyOf(
        told,
        answer,
        id ?? (await store.conversations.add(undefined, actor.name, turn, told.topic)) ?? "",
      );
    },
  };
}

function replyOf({ intent, claims, note, commands, by }: ChatAnswer, answer: string, id: string): ChatReply {
  return {
    conversation_id: id,
    answer,
    intent,
    claims,
    note,
    commands,
    citations: onceEach(claims.flatMap((one) => one.citations)),
    by,
  };
}

function onceEach(citations: readonly Citation[]): Citation[] {
  return [...new Map(citations.map((one) => [`${one.kind} ${one.id}`, one])).values()];
}

/** Word by word, of claims that were checked: nothing is told that would have to be taken back. */
function tell({ claims, note, commands }: ChatAnswer, onEvent: (event: ChatEvent) => void): void {
  const said = new Set<string>();
  const words = (text: string): void => {
    for (const word of text.match(/\s*\S+/g) ?? []) onEvent({ event: "token", text: word });
    onEvent({ event: "token", text: "\n" });
  };
  for (const { text, citations } of claims) {
    words(`${text} [${citations.map((one) => one.id).join(", ")}]`);
    for (const citation of citations) {
      if (said.has(`${citation.kind} ${citation.id}`)) continue;
      said.add(`${citation.kind} ${citation.id}`);
      onEvent({ event: "citation", citation });
    }
  }
  if (note !== null) words(note);
  for (const one of commands) words(`  ${one}`);
}

function sourcesOf(parts: LocalParts): ChatSources {
  const { store, observations, observer, backups, healer, playbooks, policy, view, clock } = parts;
  return {
    ...store,
    lines: observations.lines,
    patterns: observations.patterns,
    metrics: observations.metrics,
    backups,
    backupDiff: (id) => healer.diff(id),
    playbooks,
    recall: parts.knowledge ?? recallCases(store.cases),
    isKept: async (id) =>
      (await parts.knowledge?.read(id).catch(() => undefined)) !== undefined ||
      (await store.cases.recent({ since: 0, limit: 1_000 })).some((one) => one.id === id),
    services: () => Promise.resolve(view.services()),
    anomalies: () => observer?.metrics.anomalies() ?? [],
    predictions: makeSeriesAhead({
      clock,
      history: observations.metrics,
      limitOf: (series) => limitOf(series, undefined, policy.get().thresholds),
      known: (service) => [
        ...(observer?.metrics.predictions(service) ?? []),
        ...(observer?.daysAhead.predictions(service) ?? []),
      ],
    }),
  };
}
