// From what was written under `model` to what tools/models is given, with every secret that the configuration knows.
import type { ModelSettings } from "../../tools/models/configured-model.ts";
import { secretValues } from "./secret-values.ts";
import type { RawConfig } from "./schema.ts";
import { ms } from "./units.ts";

const MICROS = 1_000_000;

export function toModelSettings(raw: RawConfig): ModelSettings {
  const { provider, model = "", baseUrl, apiKey, price, budget } = raw.model;
  return {
    provider,
    model,
    baseUrl,
    apiKey,
    perCallMs: ms(budget.timePerCall),
    perRun: {
      calls: budget.callsPerRun,
      tokens: budget.tokensPerRun,
      ms: ms(budget.timePerRun),
      ...(budget.costPerRun !== undefined && { costMicros: budget.costPerRun * MICROS }),
    },
    perDay: {
      ...(budget.callsPerDay !== undefined && { calls: budget.callsPerDay }),
      ...(budget.tokensPerDay !== undefined && { tokens: budget.tokensPerDay }),
      ...(budget.timePerDay !== undefined && { ms: ms(budget.timePerDay) }),
      ...(budget.costPerDay !== undefined && { costMicros: budget.costPerDay * MICROS }),
    },
    price: price && { input: price.inputPerMillion, output: price.outputPerMillion },
    secrets: secretValues(raw),
  };
}

/** For `info`: which model is asked. */
export function modelText({ provider, model }: ModelSettings): string {
  return provider === "none" ? provider : `${provider} ${model}`;
}
