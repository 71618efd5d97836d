// OpenAI's chat completions through its own SDK, at any address that speaks the protocol. Answers are streamed, so that
// an endless one is cut early. The SDK is loaded at the first question. Its retries and time-outs are turned off: they
// count per try and know no budget.
import type OpenAI from "openai";
import { messageOf } from "../../domain/errors.ts";
import type { ChatAnswer, ChatClient, ChatClientOptions, ChatRequest } from "./chat-client.ts";
import { type Fetch, guardedFetch } from "./guarded-fetch.ts";
import { ModelError, modelErrorIn } from "./model-error.ts";

type Body = OpenAI.ChatCompletionCreateParamsStreaming;

const USUAL_ADDRESS = "https://api.openai.com/v1";
/** Ours is shorter. */
const SDK_TIMEOUT_MS = 3_600_000;

/**
 * What may be asked of a server, best first. Reasoning models take no temperature, others no schema or none of the newer
 * fields: where the question is refused as such, the next one is tried, and what worked is asked from then on.
 */
const DIALECTS: readonly ((request: ChatRequest) => Partial<Body>)[] = [
  (request) => ({ ...bySchema(request), temperature: 0 }),
  bySchema,
  ({ mostTokens }) => ({ response_format: { type: "json_object" }, max_tokens: mostTokens }),
  ({ mostTokens }) => ({ max_tokens: mostTokens }),
];

function bySchema({ step, schema, strict, mostTokens }: ChatRequest): Partial<Body> {
  return {
    response_format: {
      type: "json_schema",
      json_schema: { name: step.replaceAll(/\W/g, "_"), schema, strict },
    },
    max_completion_tokens: mostTokens,
    stream_options: { include_usage: true },
  };
}

export function openaiModel({ model, baseUrl = USUAL_ADDRESS, apiKey, now }: ChatClientOptions): ChatClient {
  let works = 0;

  async function streamed(
    client: OpenAI,
    request: ChatRequest,
    signal: AbortSignal,
    onText: (piece: string) => void,
  ): Promise<ChatAnswer> {
    const messages: Body["messages"] = [
      { role: "system", content: request.system },
      { role: "user", content: request.user },
    ];
    for (let dialect = works; ; dialect += 1) {
      try {
        const more = DIALECTS[dialect]?.(request);
        const body: Body = { ...more, model, messages, stream: true };
        const answer = await collect(await client.chat.completions.create(body, { signal }), onText);
        works = dialect;
        return answer;
      } catch (error) {
        const refused = modelErrorIn(error)?.code === "model-question";
        if (!refused || dialect + 1 >= DIALECTS.length) throw error;
      }
    }
  }

  return {
    provider: "openai",
    model,
    async chat(request, signal, onText) {
      try {
        const client = await connect(baseUrl, apiKey, guardedFetch(signal, now));
        return await streamed(client, request, signal, onText);
      } catch (error) {
        signal.throwIfAborted();
        throw modelErrorIn(error) ?? broken(error);
      }
    },
  };
}

/** Everything that the SDK would read from the environment is given, or ruled out. */
async function connect(baseURL: string, apiKey: string | undefined, fetch: Fetch): Promise<OpenAI> {
  const { OpenAI: Client } = await import("openai");
  return new Client({
    baseURL,
    apiKey: apiKey || "none",
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: SDK_TIMEOUT_MS,
    logLevel: "off",
    fetch,
  });
}

/** A server that is not OpenAI's leaves fields out: nothing in a chunk is taken for granted. */
async function collect(
  chunks: AsyncIterable<Partial<OpenAI.ChatCompletionChunk>>,
  onText: (piece: string) => void,
): Promise<ChatAnswer> {
  let text = "";
  let ended = false;
  let usage: OpenAI.CompletionUsage | null | undefined;
  for await (const chunk of chunks) {
    usage = chunk?.usage ?? usage;
    const choice = chunk?.choices?.[0];
    const piece: unknown = choice?.delta?.content;
    ended ||= Boolean(choice?.finish_reason);
    if (typeof piece !== "string" || piece === "") continue;
    text += piece;
    onText(piece);
  }
  if (!ended) throw new ModelError("The answer ended in the middle.", { code: "model-answer-broken" });
  return { text, tokensIn: usage?.prompt_tokens, tokensOut: usage?.completion_tokens };
}

function broken(error: unknown): ModelError {
  return new ModelError(`Not an answer of a chat model: ${messageOf(error)}`, {
    code: "model-answer-broken",
    cause: error,
    hint: "Is model.baseUrl the address of an OpenAI-compatible API, with its path (…/v1)?",
  });
}
