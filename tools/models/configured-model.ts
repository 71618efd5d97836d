// From what is configured to a Model. Nothing is connected and no SDK is loaded before the first question.
import type { Clock } from "../../domain/clock.ts";
import type { DayUsage } from "../../domain/model-usage.ts";
import { type Model, noModel } from "../model.ts";
import { askingModel } from "./asking-model.ts";
import type { Limits } from "./budget.ts";
import { ollamaModel } from "./ollama-model.ts";
import { openaiModel } from "./openai-model.ts";

/** As api/config/model-settings.ts makes it from the configuration. */
export interface ModelSettings {
  provider: "none" | "openai" | "ollama";
  model: string;
  baseUrl: string | undefined;
  apiKey: string | undefined;
  perCallMs: number;
  perRun: Limits;
  perDay: Limits;
  price: { input: number; output: number } | undefined;
  /** Of the whole configuration: masked wherever they appear in a prompt. */
  secrets: readonly string[];
}

export function configuredModel(
  settings: ModelSettings,
  { clock, day, random }: { clock: Clock; day: DayUsage | undefined; random?: () => number },
): Model {
  const { provider } = settings;
  if (provider === "none") return noModel;
  const make = { openai: openaiModel, ollama: ollamaModel }[provider];
  const client = make({ ...settings, now: () => clock.now() });
  return askingModel({ ...settings, client, clock, day, ...(random && { random }) });
}
