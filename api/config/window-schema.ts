// What may be written about a weekly window in which nothing is repaired: of everything, or of one service.
import { z } from "zod";
import { isTimezone, wrongWindow } from "./windows.ts";

export const windowSchema = z.strictObject({
  deny: z
    .string()
    .describe("No fixes in this window: Fri 16:00-Mon 08:00, or 22:00-06:00 every day")
    .superRefine((text, context) => {
      const problem = wrongWindow(text);
      if (problem !== undefined) context.addIssue(problem);
    }),
  timezone: z
    .string()
    .describe("IANA name, such as Europe/Berlin")
    .refine(isTimezone, {
      error: ({ input }) =>
        `Not a time zone: ${JSON.stringify(input)}; write an IANA name such as Europe/Berlin`,
    })
    .default("UTC"),
});
