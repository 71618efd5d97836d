// One endpoint, described once: the server validates with it, checks its answers with it and writes the OpenAPI
// document from it; the client builds its request and reads the answer with it.
import { z } from "zod";
import type { Actor } from "../operations.ts";

export type Role = Actor["role"];
export type Method = "get" | "post" | "put" | "patch" | "delete";

const nothing = z.strictObject({});
type Nothing = typeof nothing;
type Fields = z.ZodType<Record<string, unknown>>;

export interface Endpoint<
  R extends z.ZodType = z.ZodType,
  P extends Fields = Fields,
  Q extends Fields = Fields,
  B extends Fields = Fields,
> {
  method: Method;
  /** With {names} as in OpenAPI. */
  path: `/${string}`;
  /** The lowest role that may ask. */
  role: Role;
  tag: string;
  summary: string;
  params: P;
  query: Q;
  body: B;
  /** Decodes what the program has into what is sent. */
  response: R;
}

type Description<R extends z.ZodType, P extends Fields, Q extends Fields, B extends Fields> = Omit<
  Endpoint<R, P, Q, B>,
  "params" | "query" | "body"
> & { params?: P; query?: Q; body?: B };

/** Parts that are left away accept nothing: an unknown key is refused. */
export function endpoint<
  R extends z.ZodType,
  P extends Fields = Nothing,
  Q extends Fields = Nothing,
  B extends Fields = Nothing,
>(description: Description<R, P, Q, B>): Endpoint<R, P, Q, B> {
  const { params, query, body, ...rest } = description;
  return {
    ...rest,
    params: params ?? (nothing as unknown as P),
    query: query ?? (nothing as unknown as Q),
    body: body ?? (nothing as unknown as B),
  };
}

export interface Asked<P, Q, B> {
  params: P;
  query: Q;
  body: B;
  actor: Actor;
}

export interface Route {
  endpoint: Endpoint;
  handler: (asked: Asked<unknown, unknown, unknown>) => Promise<unknown>;
}

/** An endpoint with the work behind it. */
export function handle<R extends z.ZodType, P extends Fields, Q extends Fields, B extends Fields>(
  one: Endpoint<R, P, Q, B>,
  handler: (asked: Asked<z.output<P>, z.output<Q>, z.output<B>>) => Promise<z.input<R>>,
): Route {
  // The door parses with the endpoint's own schemas before it calls.
  return { endpoint: one, handler: handler as unknown as Route["handler"] };
}

/** For lists: at most 500 at once. */
export const limit = z.coerce.number().int().min(1).max(500).default(50);
/** An id in a path or query: bounded, and never with a separator or a control character. */
export const id = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}/\\]+$/u, "Not an id");
