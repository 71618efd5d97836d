// The embedder that the configuration names.
import type { Embedder } from "../embedder.ts";
import { ollamaEmbedder } from "./ollama.ts";
import { openaiEmbedder } from "./openai.ts";
import { subwordEmbedder } from "./subword.ts";

export interface EmbeddingsChoice {
  provider: "local" | "openai" | "ollama";
  model?: string | undefined;
  baseUrl?: string | undefined;
  apiKey?: string | undefined;
}

export function makeEmbedder({ provider, model, baseUrl, apiKey }: EmbeddingsChoice): Embedder {
  if (provider === "openai") return openaiEmbedder({ model, baseUrl, apiKey });
  if (provider === "ollama") return ollamaEmbedder({ model, baseUrl, apiKey });
  return subwordEmbedder;
}
