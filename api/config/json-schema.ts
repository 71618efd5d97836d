// The JSON Schema for editors (opsmedic.schema.json), made from the schema that validates.
import { z } from "zod";
import { configSchema } from "./schema.ts";

export type JsonSchema = Record<string, unknown>;

/** draft-7, since that is what the YAML language server reads best; of the input, so that defaults are not required. */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configSchema, { io: "input", target: "draft-7", unrepresentable: "any" });
  return { title: "opsmedic configuration", ...schema };
}

/** The keys that are allowed at a place of the configuration, whichever of several forms is meant. */
export function keysAllowedAt(path: readonly PropertyKey[], schema = configJsonSchema()): string[] {
  let nodes: JsonSchema[] = alternatives(schema);
  for (const step of path) nodes = nodes.flatMap((node) => alternatives(child(node, step)));
  return [...new Set(nodes.flatMap((node) => Object.keys(asSchema(node["properties"]) ?? {})))];
}

function child(node: JsonSchema, step: PropertyKey): JsonSchema | undefined {
  if (typeof step === "number") return asSchema(node["items"]);
  return asSchema(asSchema(node["properties"])?.[String(step)]) ?? asSchema(node["additionalProperties"]);
}

function alternatives(node: JsonSchema | undefined): JsonSchema[] {
  if (node === undefined) return [];
  const options = [node["anyOf"], node["oneOf"], node["allOf"]].flat().map(asSchema);
  return [node, ...options.flatMap(alternatives)];
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === "object" && value !== null ? (value as JsonSchema) : undefined;
}
