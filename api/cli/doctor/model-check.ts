// Check of the language model: one tiny question, through the same door as every other, so that a yes means that it will
// work. Costs a few hundred tokens.
import { z } from "zod";
import { systemClock } from "../../../domain/system-clock.ts";
import type { ModelCall } from "../../../tools/model.ts";
import type { ModelSettings } from "../../../tools/models/configured-model.ts";
import type { Check, CheckResult } from "./check.ts";

/** Shorter than what a check gets, so that its own words are shown. */
const ANSWER_MS = 7_500;

const greeting = z.object({ ok: z.boolean() });

export function modelCheck(settings: ModelSettings): Check {
  return {
    name: "model",
    async run(signal) {
      const { configuredModel } = await import("../../../tools/models/configured-model.ts");
      const model = configuredModel(
        { ...settings, perCallMs: ANSWER_MS },
        { clock: systemClock, day: undefined },
      );
      const calls: ModelCall[] = [];
      const question = { step: "greet", system: "Answer only in JSON.", user: 'Say {"ok": true}.' };
      await model.ask(greeting, question, signal, { onCall: (call) => void calls.push(call) });
      const [call] = calls;
      return call ? found(call) : { status: "fail", text: "it was not asked" };
    },
  };
}

function found({
  provider,
  model,
  outcome,
  detail,
  ms,
  tokensIn,
  tokensOut,
}: ModelCall): Omit<CheckResult, "name"> {
  const name = `${provider} ${model}`;
  if (outcome === "answered") {
    return { status: "ok", text: `${name} answered in ${ms} ms, ${tokensIn + tokensOut} tokens` };
  }
  return { status: "fail", text: `${name}: ${detail ?? outcome}`, advice: ADVICE[outcome] ?? USUAL };
}

const USUAL = "Until it answers, rules decide and explain alone: nothing else is missing.";
const ADVICE: Partial<Record<ModelCall["outcome"], string>> = {
  unusable: "It answers, but not in the JSON that is asked for: take a model that can, or a newer server.",
  "timed-out": `A model that is loaded first takes longer: ask again. If it stays slow, raise model.budget.timePerCall or take a smaller one. ${USUAL}`,
};
