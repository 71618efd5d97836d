// Vectors from OpenAI or any server that speaks its protocol (official SDK, loaded at the first use).
import { type Embedder, unit } from "../embedder.ts";
import { embedderFailed, wrongAnswer } from "./embedder-errors.ts";

export interface RemoteEmbedder {
  model: string | undefined;
  baseUrl: string | undefined;
  apiKey: string | undefined;
}

const USUAL_MODEL = "text-embedding-3-small";
const TIMEOUT_MS = 20_000;

export function openaiEmbedder({ model = USUAL_MODEL, baseUrl, apiKey }: RemoteEmbedder): Embedder {
  let client: Promise<import("openai").OpenAI> | undefined;
  const open = async () => {
    const { OpenAI } = await import("openai");
    // Without a key the SDK would take one from the environment, past the configuration.
    return new OpenAI({
      apiKey: apiKey ?? "none",
      timeout: TIMEOUT_MS,
      maxRetries: 2,
      ...(baseUrl && { baseURL: baseUrl }),
    });
  };
  return {
    model: `openai:${model}`,
    instant: false,
    alike: 0.45,
    weight: 2,
    batch: 64,
    async embed(texts, signal) {
      try {
        client ??= open();
        const { embeddings } = await client;
        const asked = { model, input: [...texts], encoding_format: "float" as const };
        const answer = await embeddings.create(asked, signal ? { signal } : {});
        // The SDK does not look at what it passes on.
        const { data } = answer as { data?: unknown };
        if (!Array.isArray(data)) throw wrongAnswer(`openai:${model}`);
        const ordered = answer.data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding);
        return checked(ordered, texts.length, `openai:${model}`);
      } catch (error) {
        throw embedderFailed(`openai:${model}`, error);
      }
    },
  };
}

/** As many vectors as texts, of numbers, all of one dimension; of length 1. */
export function checked(
  vectors: readonly (readonly number[])[] | undefined,
  count: number,
  model: string,
): number[][] {
  const dimensions = vectors?.[0]?.length ?? 0;
  const fits =
    vectors?.length === count &&
    vectors.every((one) => one.length > 0 && one.length === dimensions && one.every(Number.isFinite));
  if (!fits) throw wrongAnswer(model);
  return vectors.map(unit);
}
