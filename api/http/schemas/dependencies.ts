// How dependencies are sent.
import { z } from "zod";
import type { DependencyAnswer } from "../../dependencies.ts";
import { isoTime } from "../iso-times.ts";

export const dependency = z
  .object({
    from: z.string(),
    to: z.string().describe("May be a service that nobody watches"),
    declared: z.boolean().describe("Under dependsOn in the configuration"),
    learned: z.boolean().describe("Seen in traces so often that it counts like a declared one"),
    calls_per_minute: z.number().nullable().describe("In the last ten minutes"),
    error_share: z.number().nullable().describe("0 to 1, in the last ten minutes"),
    p95_ms: z.number().nullable().describe("As the caller waited, in the last ten minutes, to about a tenth"),
    last_call_at: isoTime.nullable(),
  })
  .meta({ id: "Dependency" }) satisfies z.ZodType<unknown, DependencyAnswer>;
