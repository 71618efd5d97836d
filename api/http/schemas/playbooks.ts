// How playbooks and observations are sent.
import { z } from "zod";
import { ways } from "../../../agents/evidence/catalogue.ts";
import type { ObservationEntry, Way } from "../../../agents/evidence/catalogue.ts";

export const observationEntry = z
  .object({
    name: z.string(),
    asks: z.string(),
    answers: z.string(),
    params: z.record(z.string(), z.string()).describe("Meaning of each parameter"),
    way: z.enum(Object.keys(ways) as [Way, ...Way[]]).describe("How it looks"),
    measured: z.boolean().describe("Whether it may tell a cause from its rivals"),
  })
  .meta({ id: "Observation" }) satisfies z.ZodType<ObservationEntry>;

export const wayWords = z.record(z.string(), z.string()).describe("Why looking so changes nothing");
