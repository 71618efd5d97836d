// The reference of the HTTP API, from its OpenAPI document.
import { openApiOf } from "../http/openapi.ts";
import type { Operations } from "../operations.ts";
import { allRoutes } from "../routes/index.ts";
import { page, table } from "./markdown.ts";
import { asSchema, formOf, type Row, rowsOf, type Schema, textOf } from "./schema-rows.ts";

export function httpApiPage(): string {
  // Only the descriptions are read; nothing is asked.
  const endpoints = allRoutes({} as Operations).map((one) => one.endpoint);
  const document = JSON.parse(JSON.stringify(openApiOf(endpoints, ""))) as Schema;
  const operations = Object.entries(asSchema(document["paths"]) ?? {}).flatMap(([path, item]) =>
    Object.entries(asSchema(item) ?? {}).map(([method, one]) => ({ path, method, one: asSchema(one) ?? {} })),
  );
  const tags = [...new Set(operations.map(({ one }) => tagOf(one)))];
  const records = Object.entries(asSchema(asSchema(document["components"])?.["schemas"]) ?? {});
  return page("HTTP API", "the routes in api/routes/", [
    [
      "The same document for machines is served at `/api/openapi.json`, and as pages at `/api/docs`. Every request but",
      "`/health`, `/ready` and the documentation carries `Authorization: Bearer <token>`; viewer reads, operator acts,",
      "admin configures. Times are ISO 8601 in UTC, durations milliseconds, confidence basis points (8500 = 85 %).",
      "Errors are RFC 9457 problems (`application/problem+json`) with `type`, `title`, `status`, `detail`.",
    ],
    ...tags.flatMap((tag) => [
      [`## ${capital(tag)}`],
      ...operations.filter(({ one }) => tagOf(one) === tag).flatMap(endpointPart),
    ]),
    ["## Records"],
    ...records.flatMap(([name, one]) => [[`### ${name}`, ""], fieldTable(asSchema(one) ?? {})]),
  ]);
}

function endpointPart({ path, method, one }: { path: string; method: string; one: Schema }): string[][] {
  const answer = contentOf(asSchema(asSchema(one["responses"])?.["200"]), "application/json");
  const body = contentOf(asSchema(one["requestBody"]), "application/json");
  return [
    [`### ${method.toUpperCase()} ${path}`, "", `${String(one["summary"])}. ${String(one["description"])}`],
    table(["parameter", "in", "value", "meaning"], parametersOf(one)),
    ...(body ? [["Body:", ""], fieldTable(body)] : []),
    ...(answer ? answerPart(answer) : []),
  ];
}

function answerPart(answer: Schema): string[][] {
  const rows = rowsOf(answer);
  return rows.length === 0 ? [[`Answer: ${formOf(answer)}.`]] : [["Answer:", ""], rowTable(rows)];
}

function parametersOf(one: Schema): string[][] {
  const list = Array.isArray(one["parameters"]) ? one["parameters"] : [];
  return list.flatMap((parameter) => {
    const known = asSchema(parameter);
    if (!known) return [];
    const schema = asSchema(known["schema"]) ?? {};
    return [[`\`${String(known["name"])}\``, String(known["in"]), formOf(schema), textOf(schema)]];
  });
}

function contentOf(part: Schema | undefined, type: string): Schema | undefined {
  return asSchema(asSchema(asSchema(part?.["content"])?.[type])?.["schema"]);
}

const fieldTable = (schema: Schema): string[] => rowTable(rowsOf(schema));
const rowTable = (rows: readonly Row[]): string[] =>
  table(
    ["field", "value", "meaning"],
    rows.map((one) => [`\`${one.path}\``, one.form, one.text]),
  );
const tagOf = (one: Schema): string => String(Array.isArray(one["tags"]) ? one["tags"][0] : "other");
const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
