// How the answers of api/running.ts are sent.
import { z } from "zod";
import type { RunningAnswer } from "../../running.ts";

export const runningAnswer = z
  .object({
    service: z.string(),
    running: z.boolean(),
    changed: z.boolean().describe("false: it was so already"),
  })
  .meta({ id: "Running" }) satisfies z.ZodType<unknown, RunningAnswer>;
