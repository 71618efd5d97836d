// Reads the answer of POST /api/chat as it is told. Each event is checked; the last one is the whole answer.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import type { ChatEvent, ChatReply, ChatRequest } from "../chat.ts";
import { answerProblem } from "./call.ts";
import { chatReply, citationEvent, tokenEvent } from "./schemas/chat.ts";

/** A model may take its time. */
const TIMEOUT_MS = 180_000;

export async function askStream(
  server: { url: string; token: string; timeoutMs?: number },
  request: ChatRequest,
  onEvent: (event: ChatEvent) => void,
): Promise<ChatReply> {
  const address = new URL(`${server.url.replace(/\/+$/, "")}/api/chat`);
  const response = await fetchOrFail(address, {
    method: "POST",
    headers: {
      accept: "text/event-stream",
      "content-type": "application/json",
      ...(server.token === "" ? {} : { authorization: `Bearer ${server.token}` }),
    },
    body: JSON.stringify(request),
    redirect: "error",
    signal: AbortSignal.timeout(server.timeoutMs ?? TIMEOUT_MS),
  });
  if (!response.ok || response.body === null)
    throw answerProblem(address, response.status, await response.text());
  for await (const { event, data } of eventsOf(response.body)) {
    if (event === "token") onEvent({ event, text: read(tokenEvent, data).text });
    if (event === "citation") onEvent({ event, citation: read(citationEvent, data) });
    if (event === "done") return read(chatReply, data);
    if (event === "problem") throw answerProblem(address, 500, data);
  }
  throw new HealError(`${address.host} broke off its answer.`, { code: "server-answer", retryable: true });
}

async function fetchOrFail(address: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (error) {
    throw answerProblem(address, undefined, error);
  }
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<{ event: string; data: string }> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const lines = block.split("\n");
      const field = (name: string): string =>
        lines
          .filter((one) => one.startsWith(`${name}: `))
          .map((one) => one.slice(name.length + 2))
          .join("\n");
      yield { event: field("event"), data: field("data") };
    }
  }
}

function read<T>(schema: z.ZodType<T>, data: string): T {
  const parsed = schema.safeParse(JSON.parse(data));
  if (parsed.success) return parsed.data;
  throw new HealError("The server's answer does not fit what this opsmedic can read.", {
    code: "server-answer",
    hint: "Command line and server are probably of different versions.",
    cause: parsed.error,
  });
}
