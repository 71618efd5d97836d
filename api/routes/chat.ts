// /api/chat: questions in words. A POST for its body alone: it changes nothing but the conversation's own record.
import { endpoint, handle, type Route } from "../http/endpoint.ts";
import { chatReply, chatRequest } from "../http/schemas/chat.ts";
import type { Operations } from "../operations.ts";

export const chat = {
  ask: endpoint({
    method: "post",
    path: "/api/chat",
    role: "viewer",
    tag: "Chat",
    summary:
      "Answers a question with citations; as server-sent events (token, citation, done) by Accept: text/event-stream",
    body: chatRequest,
    response: chatReply,
  }),
};

export function chatRoutes(operations: Operations): Route[] {
  return [handle(chat.ask, ({ body, actor }) => operations.ask(body, actor))];
}
