// Vectors from an Ollama server (official SDK, loaded at the first use).
import type { Embedder } from "../embedder.ts";
import { embedderFailed } from "./embedder-errors.ts";
import { checked, type RemoteEmbedder } from "./openai.ts";

const USUAL_MODEL = "nomic-embed-text";
const USUAL_ADDRESS = "http://127.0.0.1:11434";
const TIMEOUT_MS = 60_000;

export function ollamaEmbedder({
  model = USUAL_MODEL,
  baseUrl = USUAL_ADDRESS,
  apiKey,
}: RemoteEmbedder): Embedder {
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  return {
    model: `ollama:${model}`,
    instant: false,
    alike: 0.7,
    weight: 2,
    batch: 16,
    async embed(texts, signal) {
      const limit = AbortSignal.timeout(TIMEOUT_MS);
      const within = signal ? AbortSignal.any([signal, limit]) : limit;
      try {
        const { Ollama } = await import("ollama");
        // The SDK takes no signal; the request it makes does.
        const asking = (input: Parameters<typeof fetch>[0], init?: RequestInit) =>
          fetch(input, { ...init, signal: within });
        const ollama = new Ollama({ host: baseUrl, headers, fetch: asking });
        const { embeddings } = await ollama.embed({ model, input: [...texts], truncate: true });
        return checked(embeddings, texts.length, `ollama:${model}`);
      } catch (error) {
        throw embedderFailed(`ollama:${model}`, error);
      }
    },
  };
}
