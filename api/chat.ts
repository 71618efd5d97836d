// What a person can ask in words. Reading only: nothing can be changed through it.
import type { Citation, Claim } from "../agents/chat/reply.ts";
import type { Actor } from "./operations.ts";

export interface ChatRequest {
  question: string;
  /** What it is about, where the question does not say. */
  incident_id?: string | undefined;
  /** Goes on with an earlier conversation of the same person; absent: a new one begins. */
  conversation_id?: string | undefined;
  /** IANA name: in which "last night" is meant, and times are told. Absent: the server's. */
  timezone?: string | undefined;
}

export interface ChatReply {
  conversation_id: string;
  /** Claims, note and commands as one text. */
  answer: string;
  /** What the question was taken for. */
  intent: string;
  /** Each with the records that it rests on. */
  claims: Claim[];
  /** Said without a record: that nothing is known, or what can be asked. */
  note: string | null;
  /** What a person may run to act; the chat does nothing itself. */
  commands: string[];
  /** Every record that a claim rests on, once. */
  citations: Citation[];
  by: "rules" | "model";
}

/** An answer as it is told: text piece by piece, and each record at the claim that first rests on it. */
export type ChatEvent = { event: "token"; text: string } | { event: "citation"; citation: Citation };

export interface Chatting {
  /** HealError "not-found" for a conversation that is not the asker's, or an incident that is not there. */
  ask(request: ChatRequest, actor: Actor, onEvent?: (event: ChatEvent) => void): Promise<ChatReply>;
}
