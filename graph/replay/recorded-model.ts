// The model of a recorded run: it says again what the record holds, and nothing else, so that a replay without another
// model comes to what the run came to.
import type { z } from "zod";
import type { Opinion } from "../../domain/diagnosis.ts";
import { type Model, noModel } from "../../tools/model.ts";

export function recordedModel(opinion: Opinion | undefined): Model {
  if (opinion === undefined) return noModel;
  const { named, order, best, ownConfidence, doubtBp, doubtReason } = opinion;
  const answers: Record<string, unknown> = {
    classify: { playbooks: named },
    order: { order },
    rank: best === null ? undefined : { best, confidence: ownConfidence },
    sceptic: { doubt: -doubtBp, reason: doubtReason },
  };
  return {
    provider: opinion.provider === "openai" ? "openai" : "ollama",
    name: opinion.model,
    ask: <T>(schema: z.ZodType<T>, { step }: { step: string }) =>
      Promise.resolve(schema.safeParse(answers[step]).data),
  };
}
