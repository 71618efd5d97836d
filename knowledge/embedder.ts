// What turns texts into vectors. Three of them: subword (offline, computed here), OpenAI and Ollama.

export interface Embedder {
  /** Kept with each vector: vectors of another model are never compared. */
  model: string;
  /** Whether a vector costs next to nothing, so that it is made at once and not in the background. */
  instant: boolean;
  /** From this cosine on two texts are alike, though they share no word. */
  alike: number;
  /** How much its order counts beside the text's, which counts 4. */
  weight: number;
  /** How many texts at once at most. */
  batch: number;
  /**
   * One vector of length 1 a text, in their order, all of the same dimension.
   * HealError "embeddings-unreachable", "embeddings-refused", "embeddings-answer".
   */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<number[][]>;
}

/** Scaled to length 1; a vector of nothing stays zero. */
export function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}
