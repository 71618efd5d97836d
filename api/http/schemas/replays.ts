// How imported runs and replays are sent.
import { z } from "zod";
import type { Judgement, ReplayedRound } from "../../../graph/replay/replay-run.ts";
import { fixClasses } from "../../../domain/playbook.ts";
import type { ImportedRun } from "../../../knowledge/records.ts";
import { isoTime } from "../iso-times.ts";
import { verdict } from "./records.ts";

/** A schema that sends a T. */
type Sends<T> = z.ZodType<unknown, T>;

export const importedRun = z
  .object({
    id: z.string(),
    service: z.string(),
    importedAt: isoTime,
    importedBy: z.string(),
    sha256: z.string().describe("Of the document"),
  })
  .meta({ id: "ImportedRun" }) satisfies Sends<ImportedRun>;

const judgement = z
  .object({
    cause: z
      .object({ playbook: z.string(), title: z.string(), service: z.string(), scoreBp: z.int() })
      .nullable(),
    rival: z.object({ playbook: z.string(), service: z.string(), scoreBp: z.int() }).nullable(),
    plan: z
      .object({ fix: z.string(), title: z.string(), class: z.enum(fixClasses), hash: z.string() })
      .nullable(),
    noPlan: z.string().nullable(),
    verdict: verdict.nullable(),
  })
  .meta({ id: "Judgement" }) satisfies Sends<Judgement>;

export const replayedRound = z
  .object({
    recorded: judgement,
    replayed: judgement,
    same: z.boolean(),
    differences: z.array(z.string()).describe("One sentence each"),
  })
  .meta({ id: "ReplayedRound" }) satisfies Sends<ReplayedRound>;
