// One request to a running server, described by its endpoint: the answer is checked and brought back to what the
// program works with (times as Unix milliseconds), and a problem becomes the HealError that it was.
import { z } from "zod";
import { HealError, messageOf } from "../../domain/errors.ts";
import type { Endpoint } from "./endpoint.ts";
import { problemSchema } from "./problem.ts";

const TIMEOUT_MS = 60_000;

export interface CallInput {
  params?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  body?: object;
  timeoutMs?: number;
}

export type Call = <R extends z.ZodType>(
  endpoint: Pick<Endpoint<R>, "method" | "path" | "response">,
  input?: CallInput,
) => Promise<z.input<R>>;

export function makeCall(server: { url: string; token: string; timeoutMs?: number }): Call {
  return async ({ method, path, response }, input = {}) => {
    const address = addressOf(server.url, path, input);
    const timeoutMs = input.timeoutMs ?? server.timeoutMs ?? TIMEOUT_MS;
    const answer = await ask(address, {
      method: method.toUpperCase(),
      headers: {
        accept: "application/json",
        ...(server.token === "" ? {} : { authorization: `Bearer ${server.token}` }),
        ...(method === "get" ? {} : { "content-type": "application/json" }),
      },
      ...(method === "get" ? {} : { body: JSON.stringify(input.body ?? {}) }),
      // A token must not follow a redirect to somewhere else.
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const read = z.safeEncode(response, answer as z.output<typeof response>);
    if (read.success) return read.data;
    throw new HealError(`${address.host} answered something that this opsmedic cannot read.`, {
      code: "server-answer",
      hint: "Command line and server are probably of different versions, or the address is another program's.",
      cause: read.error,
    });
  };
}

function addressOf(url: string, path: string, { params = {}, query = {} }: CallInput): URL {
  const filled = path.replace(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(params[name] ?? ""));
  const address = new URL(`${url.replace(/\/+$/, "")}${filled}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) address.searchParams.set(name, String(value));
  }
  return address;
}

async function ask(address: URL, init: RequestInit): Promise<unknown> {
  let status: number;
  let text: string;
  try {
    const response = await fetch(address, init);
    status = response.status;
    text = await response.text();
  } catch (error) {
    throw unreachable(address, error);
  }
  const answer = asJson(text);
  if (status >= 200 && status < 300) return answer;
  throw asHealError(address, status, answer);
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** `status` undefined: nobody answered, and `answer` is why. */
export function answerProblem(address: URL, status: number | undefined, answer: unknown): HealError {
  if (status === undefined) return unreachable(address, answer);
  return asHealError(address, status, typeof answer === "string" ? asJson(answer) : answer);
}

function unreachable(address: URL, error: unknown): HealError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return new HealError(`No opsmedic answers at ${address.origin}: ${messageOf(cause)}.`, {
    code: "server-unreachable",
    retryable: true,
    hint: "Start it with opsmedic serve, or correct OPSMEDIC_URL.",
    cause: error,
  });
}

function asHealError(address: URL, status: number, answer: unknown): HealError {
  const read = problemSchema.safeParse(answer);
  if (!read.success) {
    return new HealError(`${address.origin} answered ${status}, and not as opsmedic does.`, {
      code: "server-answer",
      hint: "Another program seems to listen there; check the address.",
    });
  }
  const { code, detail, hint, retryable, errors } = read.data;
  const fields = (errors ?? []).map(({ field, message }) => `${field}: ${message}`);
  return new HealError([detail, ...fields].join("\n"), {
    code: status === 401 || status === 403 ? authCode(code) : code.replaceAll("_", "-"),
    ...(hint === undefined ? {} : { hint }),
    ...(retryable === true ? { retryable } : {}),
  });
}

const authCode = (code: string): string => (code === "token_missing" ? "auth-missing" : "auth-refused");
