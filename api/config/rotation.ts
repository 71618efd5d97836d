// What may be written about a replica behind a proxy: how it is taken out of rotation, put back, and looked at. Any proxy
// with an address for it or a command will do.
import { z } from "zod";
import type { ProxyDoor, Rotation } from "../../domain/service.ts";
import { toWords } from "./command.ts";
import { command, duration, httpUrl, oneOf, word } from "./fields.ts";
import { ms } from "./units.ts";

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

const doorFields = (usual: (typeof methods)[number]) => ({
  http: httpUrl().optional().describe("Answers with a status below 300"),
  method: z.enum(methods).default(usual),
  headers: z.record(z.string(), z.string()).default({}).describe("Such as Authorization"),
  body: z.string().optional(),
  exec: command().optional().describe("Exits with 0; nothing is expanded by a shell"),
});

const ways = ["http", "exec"] as const;
const door = () => oneOf(z.strictObject(doorFields("POST")), ways, 1);
const lookSchema = oneOf(
  z.strictObject({
    ...doorFields("GET"),
    out: word().describe("A text that the answer, or output, holds exactly while it is out of rotation"),
    idle: word()
      .optional()
      .describe(
        "A text that it holds when none of its requests is under way; absent: all of `within` is waited",
      ),
  }),
  ways,
  1,
);

export const rotationSchema = z
  .strictObject({
    of: word().describe("What it is a replica of: the same word at all of them"),
    takeOut: door().describe("It gets no new requests from then on"),
    putBack: door().describe("It gets requests again"),
    look: lookSchema.describe("How it stands; nothing is changed by it"),
    within: duration({ min: "100ms", max: "5m" })
      .default("30s")
      .describe("What is under way may take this long before the repair begins"),
  })
  .describe("One of several behind a proxy: a repair takes it out first, and puts it back when it is well");
type RotationInput = z.output<typeof rotationSchema>;

export function toRotation({ of, takeOut, putBack, look, within }: RotationInput): Rotation {
  return {
    of,
    takeOut: toDoor(takeOut),
    putBack: toDoor(putBack),
    look: { ...toDoor(look), out: look.out, ...(look.idle !== undefined && { idle: look.idle }) },
    withinMs: ms(within),
  };
}

function toDoor({ http, exec, method, headers, body }: RotationInput["takeOut"]): ProxyDoor {
  if (http !== undefined)
    return { kind: "http", url: http, method, headers, ...(body !== undefined && { body }) };
  return { kind: "exec", command: toWords(exec ?? []) };
}
