// Trust: how a fix has fared against a cause before, each outcome weighing less the older it is. Kept with the
// hypothesis, so that what history added to a score can be counted again from the record.
import { z } from "zod";

/** Weights are whole ten-thousandths of an outcome: 10,000 is one of today. */
export const weighedOutcomesSchema = z.object({
  total: z.int().min(0),
  successes: z.int().min(0),
  /** The same outcomes, each by its age. */
  weightBp: z.int().min(0),
  healedBp: z.int().min(0),
});
export type WeighedOutcomes = z.infer<typeof weighedOutcomesSchema>;

/** Every outcome is counted once, in the narrowest of the three. */
export const trustSchema = z.object({
  /** When the ages were taken, Unix ms. */
  at: z.number(),
  halfLifeDays: z.number().positive(),
  /** On this service. */
  target: weighedOutcomesSchema,
  /** On other services of its kind. */
  kind: weighedOutcomesSchema,
  /** On services of other kinds. */
  others: weighedOutcomesSchema,
});
export type Trust = z.infer<typeof trustSchema>;
