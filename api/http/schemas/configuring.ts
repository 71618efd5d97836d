// How the answers of api/configuring.ts are sent.
import { z } from "zod";
import type { ReloadAnswer } from "../../configuring.ts";
import { mode } from "./answers.ts";

export const reloadAnswer = z
  .object({
    added: z.array(z.string()).describe("Services that are watched from now on"),
    changed: z.array(z.string()).describe("Services that are watched as the file says now"),
    removed: z.array(z.string()).describe("Services that are no longer watched; what runs of them goes on"),
    policy: z.boolean().describe("Whether what healing may do is another one now"),
    switched_mode: mode
      .nullable()
      .describe(
        "The mode that was switched while running and goes on counting, where the file says another one",
      ),
    needs_restart: z.array(z.string()).describe("Keys that differ, and count from the server's next start"),
  })
  .meta({ id: "Reload" }) satisfies z.ZodType<unknown, ReloadAnswer>;
