// The OpenAPI 3.1 document, made from the same schemas that validate.
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import type { z } from "zod";
import type { Endpoint } from "./endpoint.ts";
import { problemSchema } from "./problem.ts";

export type OpenApiDocument = ReturnType<typeof createDocument>;

export function openApiOf(endpoints: readonly Endpoint[], version: string): OpenApiDocument {
  const paths: ZodOpenApiPathsObject = {};
  for (const one of endpoints) paths[one.path] = { ...paths[one.path], [one.method]: operationOf(one) };
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "opsmedic",
      version,
      description:
        "Times are ISO 8601 in UTC, durations milliseconds, confidence basis points (8500 = 85 %). Errors are RFC 9457 problems.",
    },
    components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    security: [{ token: [] }],
    paths,
  });
}

function operationOf(one: Endpoint): ZodOpenApiOperationObject {
  const takesBody = one.method !== "get" && !isEmpty(one.body);
  return {
    operationId: operationId(one),
    tags: [one.tag],
    summary: one.summary,
    description: `Role: ${one.role}.`,
    requestParams: {
      ...(isEmpty(one.params) ? {} : { path: asObject(one.params) }),
      ...(isEmpty(one.query) ? {} : { query: asObject(one.query) }),
    },
    ...(takesBody ? { requestBody: { content: { "application/json": { schema: one.body } } } } : {}),
    responses: {
      200: { description: "Done", content: { "application/json": { schema: one.response } } },
      default: {
        description: "A problem",
        content: { "application/problem+json": { schema: problemSchema } },
      },
    },
  };
}

/** get /api/runs/{id}/steps/{step} → getRunsByIdStepsByStep */
function operationId({ method, path }: Endpoint): string {
  const words = path.replace("/api/", "").split(/[^\w{}]+/);
  return [
    method,
    ...words.map((word) => (word.startsWith("{") ? `By${capital(word.slice(1, -1))}` : capital(word))),
  ].join("");
}

const capital = (word: string): string =>
  word.replace(/(?:^|_)(\w)/g, (_match, letter: string) => letter.toUpperCase());

const asObject = (schema: z.ZodType): z.ZodObject => schema as z.ZodObject;
const isEmpty = (schema: z.ZodType): boolean => Object.keys(asObject(schema).shape).length === 0;
