// From a zod schema to what a provider is told, and from a model's text back to a checked value.
import { z } from "zod";
import type { Json, JsonObject } from "../../domain/json.ts";

export interface AnswerSchema {
  schema: JsonObject;
  /** Every property is required and no other allowed. */
  strict: boolean;
}

const known = new WeakMap<z.ZodType, AnswerSchema>();

export function answerSchema(schema: z.ZodType): AnswerSchema {
  const made = known.get(schema) ?? make(schema);
  known.set(schema, made);
  return made;
}

function make(zod: z.ZodType): AnswerSchema {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(zod, { unrepresentable: "any" }) as JsonObject;
  const plain = withoutUnknown(schema) as JsonObject;
  return { schema: plain, strict: isStrict(plain) };
}

/** Strict mode refuses a whole question for one of these; the answer is checked here anyway. */
const UNKNOWN_TO_SOME = new Set(["default", "minLength", "maxLength"]);

function withoutUnknown(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(withoutUnknown);
  if (typeof schema !== "object" || schema === null) return schema;
  // A property may be called "default"; its value is a schema then, not a plain value.
  const kept = Object.entries(schema).filter(
    ([key, value]) => !UNKNOWN_TO_SOME.has(key) || (typeof value === "object" && value !== null),
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutUnknown(value)]));
}

function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (typeof schema !== "object" || schema === null) return true;
  const { type, properties, required, additionalProperties } = schema as JsonObject;
  const whole =
    type !== "object" ||
    (additionalProperties === false &&
      Array.isArray(required) &&
      Object.keys(properties ?? {}).every((one) => required.includes(one)));
  return whole && Object.values(schema).every(isStrict);
}

/** undefined where the text is no JSON that fits. Thoughts before it and a code fence around it are taken off. */
export function answerIn<T>(schema: z.ZodType<T>, text: string): T | undefined {
  const spoken = text.slice(text.lastIndexOf("</think>") + 1).replace(/^\/think>/, "");
  const [, fenced] = /^\s*```(?:json)?\s*\n([^]*?)\n?```\s*$/.exec(spoken) ?? [];
  try {
    return schema.safeParse(JSON.parse(fenced ?? spoken)).data;
  } catch {
    return undefined;
  }
}
