// Ollama through its own SDK, which is loaded at the first question. The SDK has no time-out, does not abort before the
// first byte and prints what it cannot read: the fetch that it is given makes up for all three.
import type { ChatResponse } from "ollama";
import { messageOf } from "../../domain/errors.ts";
import type { ChatAnswer, ChatClient, ChatClientOptions } from "./chat-client.ts";
import { type Fetch, guardedFetch } from "./guarded-fetch.ts";
import { ModelError, modelErrorIn } from "./model-error.ts";

const USUAL_ADDRESS = "http://127.0.0.1:11434";

export function ollamaModel({ model, baseUrl = USUAL_ADDRESS, apiKey, now }: ChatClientOptions): ChatClient {
  return {
    provider: "ollama",
    model,
    async chat({ system, user, schema, mostTokens }, signal, onText) {
      try {
        const { Ollama } = await import("ollama");
        const client = new Ollama({
          host: baseUrl,
          fetch: linesOf(guardedFetch(signal, now)),
          ...(apiKey && { headers: { Authorization: `Bearer ${apiKey}` } }),
        });
        const chunks = await client.chat({
          model,
          messages: [
            { role: "system", content: system },
            { role: "user", content: user },
          ],
          format: schema,
          options: { temperature: 0, num_predict: mostTokens },
          stream: true,
        });
        return await collect(chunks, onText);
      } catch (error) {
        signal.throwIfAborted();
        throw modelErrorIn(error) ?? broken(error);
      }
    },
  };
}

async function collect(
  chunks: AsyncIterable<Partial<ChatResponse>>,
  onText: (piece: string) => void,
): Promise<ChatAnswer> {
  let text = "";
  let last: Partial<ChatResponse> = {};
  for await (const chunk of chunks) {
    last = chunk;
    const piece: unknown = chunk.message?.content;
    if (typeof piece !== "string" || piece === "") continue;
    text += piece;
    onText(piece);
  }
  return { text, tokensIn: last.prompt_eval_count, tokensOut: last.eval_count };
}

/** Only lines that hold an object each come through: the SDK writes others to the terminal and goes on. */
function linesOf(fetch: Fetch): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    return new Response(response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(objectLines()), {
      status: response.status,
      headers: response.headers,
    });
  };
}

function objectLines(): TransformStream<string, Uint8Array> {
  const encoder = new TextEncoder();
  let rest = "";
  const pass = (lines: readonly string[], out: TransformStreamDefaultController<Uint8Array>): void => {
    for (const line of lines) {
      if (line.trim() !== "") out.enqueue(encoder.encode(`${JSON.stringify(objectIn(line))}\n`));
    }
  };
  return new TransformStream({
    transform(chunk, out) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      pass(lines, out);
    },
    flush: (out) => pass([rest], out),
  });
}

function objectIn(line: string): object {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw broken(error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw broken("not an object");
  return value;
}

function broken(error: unknown): ModelError {
  return new ModelError(`Not an answer of Ollama: ${messageOf(error)}`, {
    code: "model-answer-broken",
    cause: error,
    hint: "Is model.baseUrl the address of Ollama itself (http://host:11434)?",
  });
}
