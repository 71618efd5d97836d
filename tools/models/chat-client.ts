// What differs between providers, as small as it can be: one question out, one text back. Adapters neither retry nor
// count nor mask; what they are given has passed the one door (asking-model.ts), which the type of its texts says.
import type { JsonObject } from "../../domain/json.ts";

declare const masked: unique symbol;
/** Made by asking-model.ts alone. */
export type MaskedText = string & { readonly [masked]: true };

export interface ChatRequest {
  step: string;
  system: MaskedText;
  user: MaskedText;
  /** JSON Schema of the answer. */
  schema: JsonObject;
  /** Every property is required and no other allowed, as OpenAI's strict mode demands. */
  strict: boolean;
  mostTokens: number;
}

export interface ChatAnswer {
  text: string;
  /** As the provider says; not to be believed blindly. */
  tokensIn: unknown;
  tokensOut: unknown;
}

export interface ChatClient {
  readonly provider: "openai" | "ollama";
  readonly model: string;
  /** ModelError, or the signal's reason. `onText` is told every piece as it comes; what it throws ends the answer. */
  chat(request: ChatRequest, signal: AbortSignal, onText: (piece: string) => void): Promise<ChatAnswer>;
}

export interface ChatClientOptions {
  model: string;
  baseUrl: string | undefined;
  apiKey: string | undefined;
  now: () => number;
}
