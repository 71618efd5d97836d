// A job of the queue "heal", as the one who sends it has written it.
import { z } from "zod";
import { triggers } from "../domain/incident.ts";

export const healJobSchema = z.object({
  service: z.string(),
  trigger: z.enum(triggers).default("api"),
  reason: z.string().default(""),
  takeUpOnly: z.boolean().default(false),
  handedOn: z.int().default(0),
});
