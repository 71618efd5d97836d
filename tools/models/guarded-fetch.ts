// The fetch that both SDKs are given. It makes abort work at every moment (the SDK of Ollama ignores it before the
// first byte), bounds what is read however it is packed, follows no redirect (a prompt goes to the configured address
// and to no other), and turns every failure into a ModelError before an SDK prints or retries it.
import { messageOf } from "../../domain/errors.ts";
import { retryAfterMs } from "../retry-after.ts";
import { ModelError } from "./model-error.ts";

/** Of unpacked bytes: a typed answer of a few thousand tokens in the most talkative stream format. */
const MOST_BYTES = 4_000_000;
const MOST_ERROR_BYTES = 2_000;
const LONGEST_DETAIL = 300;

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export function guardedFetch(signal: AbortSignal, now: () => number): Fetch {
  return async (input, init) => {
    const either = init?.signal ? AbortSignal.any([signal, init.signal]) : signal;
    either.throwIfAborted();
    const response = await fetch(input, { ...init, signal: either, redirect: "error" }).catch(
      (error: unknown) => {
        either.throwIfAborted();
        throw unreachable(error, addressOf(input));
      },
    );
    if (!response.ok) throw await refusal(response, now());
    return withBody(response, bounded(response, either));
  };
}

/** The same head; nothing is unpacked twice. */
function withBody({ status, statusText, headers }: Response, body: ReadableStream<Uint8Array>): Response {
  const kept = new Headers(headers);
  kept.delete("content-encoding");
  kept.delete("content-length");
  return new Response(body, { status, statusText, headers: kept });
}

function bounded(response: Response, signal: AbortSignal): ReadableStream<Uint8Array> {
  let bytes = 0;
  const reader = response.body?.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const read = await reader?.read();
        if (read === undefined || read.done) return controller.close();
        bytes += read.value.byteLength;
        if (bytes > MOST_BYTES) {
          throw new ModelError(`The answer is longer than ${MOST_BYTES} bytes.`, {
            code: "model-answer-too-long",
          });
        }
        controller.enqueue(read.value);
      } catch (error) {
        reader?.cancel(error).catch(() => undefined);
        controller.error(signal.aborted ? signal.reason : brokenOff(error));
      }
    },
    cancel: (reason) => reader?.cancel(reason),
  });
}

function brokenOff(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  return new ModelError(`The answer broke off: ${causeOf(error)}`, {
    code: "model-unreachable",
    cause: error,
  });
}

function unreachable(error: unknown, address: string): ModelError {
  return new ModelError(`Nobody answers at ${address}: ${causeOf(error)}`, {
    code: "model-unreachable",
    cause: error,
    hint: "Start the model's server, or correct model.baseUrl.",
  });
}

async function refusal(response: Response, now: number): Promise<ModelError> {
  const { status, headers } = response;
  const said = await beginningOf(response);
  const code =
    status === 429 || status >= 500 || status === 408
      ? "model-busy"
      : status === 400 || status === 422
        ? "model-question"
        : "model-refused";
  return new ModelError(`The model's server answered ${status}${said === "" ? "" : `: ${said}`}`, {
    code,
    status,
    retryAfterMs: retryAfterMs(headers.get("retry-after"), now),
    hint: hintFor(status),
  });
}

function hintFor(status: number): string {
  if (status === 401 || status === 403) return "Check model.apiKey.";
  if (status === 404) return "Check model.model (Ollama: `ollama pull NAME`) and the path in model.baseUrl.";
  if (status === 429) return "The provider limits how much may be asked; see its quota.";
  return "See the log of the model's server.";
}

/** Only what a person needs to see; the rest of the body is not read. */
async function beginningOf(response: Response): Promise<string> {
  if (!response.body) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (text.length < MOST_ERROR_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // What was read so far says enough.
  }
  reader.cancel().catch(() => undefined);
  return text.replaceAll(/\s+/g, " ").trim().slice(0, LONGEST_DETAIL);
}

function addressOf(input: string | URL | Request): string {
  const url = new URL(input instanceof Request ? input.url : input);
  return `${url.protocol}//${url.host}`;
}

/** fetch says only "fetch failed"; why is in its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return code === "" ? messageOf(cause) : code;
}
