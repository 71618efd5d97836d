// Inside, times are Unix milliseconds; in answers they are ISO 8601 in UTC. One schema does both ways: the server
// decodes what it has into what it sends (and OpenAPI shows that side), the client encodes it back.
import { z } from "zod";

/** The range of a Date (ECMAScript, section 21.4.1.1). */
const FARTHEST = 8.64e15;

export const isoTime = z.codec(z.number().min(-FARTHEST).max(FARTHEST), z.iso.datetime(), {
  decode: (ms) => new Date(ms).toISOString(),
  encode: (text) => Date.parse(text),
});

/** Names of the fields in domain/ that hold a moment. Free JSON (facts, observed values) is left as it is. */
const moments = new Set(["at", "since", "appliedAt", "startedAt", "finishedAt", "lastOccurrence", "until"]);

/** The same schema with its moments sent as ISO 8601. What it lets in is what `schema` gave out. */
export function withIsoTimes<T>(schema: z.ZodType<T>): z.ZodType<unknown, T> {
  return sent(schema) as z.ZodType<unknown, T>;
}

function sent(schema: z.core.$ZodType, name = ""): z.ZodType {
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Record<string, z.core.$ZodType>;
    return z.object(Object.fromEntries(Object.entries(shape).map(([key, value]) => [key, sent(value, key)])));
  }
  if (schema instanceof z.ZodArray) return z.array(sent(schema.element, name));
  if (schema instanceof z.ZodNullable) return sent(schema.unwrap(), name).nullable();
  if (schema instanceof z.ZodExactOptional) return sent(schema.unwrap(), name).exactOptional();
  if (schema instanceof z.ZodOptional) return sent(schema.unwrap(), name).optional();
  // What is sent was filled in before.
  if (schema instanceof z.ZodDefault) return sent(schema.unwrap(), name);
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const [first, ...rest] = schema.options.map((one) => sent(one) as z.ZodObject);
    if (first) return z.discriminatedUnion(schema.def.discriminator, [first, ...rest]);
  }
  if (schema instanceof z.ZodUnion) return z.union(schema.options.map((one) => sent(one, name)));
  if (schema instanceof z.ZodNumber && moments.has(name)) return isoTime;
  return schema as z.ZodType;
}
