// What can go wrong with vectors from elsewhere, in words that help.
import { HealError, messageOf } from "../../domain/errors.ts";
import { withoutSecrets } from "../../domain/mask-secrets.ts";

/** A HealError stays what it is; an answer with a status is a refusal, all else is out of reach. */
export function embedderFailed(model: string, error: unknown): HealError {
  if (error instanceof HealError) return error;
  const { status, status_code } = (error ?? {}) as { status?: unknown; status_code?: unknown };
  const answered = [status, status_code].find((one) => typeof one === "number");
  // Some servers repeat the key that they refuse.
  const said = withoutSecrets(messageOf(error)).slice(0, 300);
  if (answered === undefined) {
    return new HealError(`Embeddings of ${model} are out of reach: ${said}`, {
      code: "embeddings-unreachable",
      retryable: true,
      hint: "Words alone are searched meanwhile. Check embeddings.baseUrl and whether the server runs.",
      cause: error,
    });
  }
  return new HealError(`Embeddings of ${model} were refused (${answered}): ${said}`, {
    code: "embeddings-refused",
    retryable: answered === 429 || answered >= 500,
    hint: "Check embeddings.model and embeddings.apiKey. Words alone are searched meanwhile.",
    cause: error,
  });
}

export function wrongAnswer(model: string): HealError {
  return new HealError(`${model} answered with something that is no list of vectors.`, {
    code: "embeddings-answer",
    hint: "Check that embeddings.model names an embedding model.",
  });
}
