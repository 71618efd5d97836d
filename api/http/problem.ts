// Errors as answers: RFC 9457 application/problem+json. What broke inside is not told, only that it did.
import type { Response } from "express";
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** Stable and machine-readable; the same word as in `type`. */
  code: string;
  hint?: string;
  retryable?: boolean;
  /** For bad input: where, and what was wrong with it. */
  errors?: { field: string; message: string }[];
}

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    hint: z.string().optional(),
    retryable: z.boolean().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem", description: "RFC 9457" });

/** Thrown by the door itself. */
export class HttpProblem extends Error {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    status: number,
    code: string,
    detail: string,
    more: Partial<Pick<Problem, "hint" | "errors">> & { headers?: Record<string, string> } = {},
  ) {
    super(detail);
    const { headers = {}, ...rest } = more;
    this.problem = { ...headOf(status, code), detail, ...rest };
    this.headers = headers;
  }
}

const titles: Record<number, string> = {
  400: "Bad request",
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Too large",
  415: "Unsupported media type",
  421: "Misdirected request",
  422: "Cannot be done",
  429: "Too many requests",
  500: "Internal error",
  503: "Not available now",
  504: "No answer in time",
};

/** HealError code → status. What is not listed is ours: 500. */
const statuses: Record<string, number> = {
  "not-found": 404,
  "backup-not-found": 404,
  "unknown-service": 404,
  "unknown-action": 404,
  "already-decided": 409,
  "plan-changed": 409,
  "same-person": 409,
  expired: 409,
  "run-ended": 409,
  "run-exists": 409,
  "bad-run-document": 400,
  "journal-conflict": 409,
  "lease-lost": 409,
  "service-busy": 409,
  "rule-configured": 409,
  "already-known": 409,
  "import-invalid": 400,
  "bad-cursor": 400,
  "bad-params": 400,
  "reason-missing": 400,
  "text-not-storable": 400,
  "not-supported": 422,
  "config-invalid": 422,
  "config-unreadable": 422,
  "config-not-found": 422,
  "no-target": 422,
  "not-run-here": 422,
  "cannot-start": 422,
  "cannot-stop": 503,
  "too-many-rules": 422,
  "backup-corrupt": 422,
  "queue-unreachable": 503,
  "queue-closing": 503,
  "store-unreachable": 503,
  "store-busy": 503,
  "store-closed": 503,
  "docker-unreachable": 503,
  "timed-out": 504,
};

const headOf = (status: number, code: string) => ({
  type: `urn:opsmedic:problem:${code}`,
  title: titles[status] ?? "Error",
  status,
  code,
});

/** undefined: nothing that a caller may be told about. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof HttpProblem) return error.problem;
  if (error instanceof HealError) {
    const status = statuses[error.code] ?? 500;
    return {
      ...headOf(status, error.code.replaceAll("-", "_")),
      detail: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.retryable ? { retryable: true } : {}),
    };
  }
  return parserProblem(error);
}

/** What Express and its body parser throw: {status, type} (http-errors). Their messages may quote the input. */
function parserProblem(error: unknown): Problem | undefined {
  const { status, type } = (error ?? {}) as { status?: unknown; type?: unknown };
  if (typeof status !== "number" || status < 400 || status > 499) return undefined;
  if (type === "entity.too.large")
    return { ...headOf(413, "body_too_large"), detail: "The body is larger than this endpoint takes." };
  if (type === "entity.parse.failed")
    return { ...headOf(400, "malformed_json"), detail: "The body is not valid JSON." };
  if (status === 415)
    return { ...headOf(415, "unsupported_encoding"), detail: "The body's encoding is not supported." };
  return { ...headOf(status, "bad_request"), detail: "The request could not be read." };
}

/** RFC 9110: 500 with no details; the log has them under the same request. */
export const internalProblem: Problem = {
  ...headOf(500, "internal"),
  detail: "opsmedic failed at this; its log says why.",
};

/** Bad input, each complaint with the path of its field. */
export function badInput(where: "path" | "query" | "body", error: z.ZodError): HttpProblem {
  const errors = error.issues.slice(0, 50).flatMap((issue) => {
    const path = [where, ...issue.path.map(String)].join(".");
    if (issue.code !== "unrecognized_keys") return [{ field: path, message: issue.message }];
    return issue.keys.map((key) => ({ field: `${path}.${key.slice(0, 100)}`, message: "Unknown key" }));
  });
  const code = where === "path" ? "bad_path" : where === "query" ? "bad_query" : "bad_body";
  return new HttpProblem(400, code, `The ${where} does not fit.`, { errors });
}

export function sendProblem(
  response: Response,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .status(problem.status)
    .set({ ...headers, "content-type": "application/problem+json", "cache-control": "no-store" })
    .send(JSON.stringify(problem));
}
