// Which language model may be asked, and what that may cost. Every budget has a default but those of a day and of money:
// nobody knows them but the one who pays.
import { z } from "zod";
import { httpUrl, interval, word } from "./fields.ts";

const budgetSchema = z.strictObject({
  callsPerRun: z.int().positive().default(20).describe("Then the run goes on without a model"),
  tokensPerRun: z.int().positive().default(40_000).describe("In and out together"),
  timePerCall: interval("1s").default("15s").describe("For one question with all its tries"),
  timePerRun: interval("1s").default("30s").describe("How much longer a run may take for it"),
  costPerRun: z.number().positive().optional().describe("In the currency of the price"),
  callsPerDay: z.int().positive().optional().describe("Of all runs and processes, from midnight UTC"),
  tokensPerDay: z.int().positive().optional(),
  timePerDay: interval("1s").optional(),
  costPerDay: z.number().positive().optional().describe("In the currency of the price"),
});

const priceSchema = z.strictObject({
  inputPerMillion: z.number().nonnegative().describe("For a million tokens of questions"),
  outputPerMillion: z.number().nonnegative().describe("For a million tokens of answers"),
});

export const modelSchema = z
  .strictObject({
    provider: z
      .enum(["none", "openai", "ollama"])
      .default("none")
      .describe("openai: any address that speaks its API"),
    model: word().optional().describe("Its name; needed where a provider is named"),
    baseUrl: httpUrl().optional().describe("Where the provider answers, if not at its usual address"),
    apiKey: z.string().optional().describe("Best as ${NAME} or file:/path"),
    price: priceSchema.optional().describe("In any currency; needed for a budget of cost"),
    budget: budgetSchema.prefault({}),
  })
  .refine(({ provider, model }) => provider === "none" || model !== undefined, {
    error: "Required where a provider is named",
    path: ["model"],
  })
  .refine(
    ({ price, budget }) => price !== undefined || (budget.costPerRun ?? budget.costPerDay) === undefined,
    {
      error: "Required where a cost is limited",
      path: ["price"],
    },
  );
