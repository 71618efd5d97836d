// A model that answers by script, step by step. It fails on a step that nobody planned, and can say which answers
// nobody asked for.
import type { z } from "zod";
import type { Model } from "../../tools/model.ts";

export interface Asked {
  step: string;
  system: string;
  user: string;
}

export function scriptedModel(script: Record<string, unknown>) {
  const asked: Asked[] = [];
  const model: Model = {
    provider: "openai",
    ask<T>(schema: z.ZodType<T>, prompt: Asked): Promise<T | undefined> {
      asked.push(prompt);
      if (!(prompt.step in script))
        return Promise.reject(new Error(`nobody planned the step ${prompt.step}`));
      const answer = script[prompt.step];
      // "raw" passes by the schema, as a broken adapter would.
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve(schema.safeParse(answer).data ?? (answer as T));
    },
  };
  return {
    model,
    asked,
    unused: () => Object.keys(script).filter((one) => !asked.some(({ step }) => step === one)),
  };
}
