// A run's steps as rounds: each look that led to a diagnosis, with what was planned and decided on it.
import { z } from "zod";
import { diagnosisSchema } from "../../domain/diagnosis.ts";
import { findingSchema } from "../../domain/finding.ts";
import type { Json } from "../../domain/json.ts";
import { fixPlanSchema, type Verdict, verdictSchema } from "../../domain/plan.ts";
import type { Policy } from "../../domain/policy.ts";
import type { StepRecord } from "../../knowledge/records.ts";
import { gateHistorySchema } from "../gate-history.ts";
import { type ReplayScene, sceneSchema } from "./scene.ts";

export const gateInputSchema = z.object({
  diagnosis: diagnosisSchema,
  plan: fixPlanSchema,
  policy: z.custom<Policy>((value) => typeof value === "object" && value !== null),
  history: gateHistorySchema,
  now: z.number(),
});

export interface Round {
  findings: z.infer<typeof findingSchema>[];
  diagnosis: z.infer<typeof diagnosisSchema>;
  scene: ReplayScene | undefined;
  plan: z.infer<typeof fixPlanSchema> | null;
  noPlan: string | null;
  gateInput: z.infer<typeof gateInputSchema> | undefined;
  verdict: Verdict | undefined;
}

const findingsSchema = z.object({ findings: z.array(findingSchema) });
const diagnosedSchema = z.object({ diagnosis: diagnosisSchema });
const plannedSchema = z.object({ plan: fixPlanSchema.nullable(), noPlan: z.string().nullable() });
const sceneNoteSchema = z.object({ scene: sceneSchema });
const gateNoteSchema = z.object({ gateInput: gateInputSchema });
const judgedSchema = z.object({ verdict: verdictSchema });

/** A node that ran twice (after a crash, a time limit) counts with its last words. */
export function roundsOf(steps: readonly StepRecord[]): Round[] {
  const rounds: Round[] = [];
  let findings: Round["findings"] = [];
  let scene: ReplayScene | undefined;
  let looked = false;
  for (const { node, phase, data } of steps) {
    const current = rounds.at(-1);
    if (node === "detect" && phase === "end") {
      findings = read(findingsSchema, data)?.findings ?? [];
      looked = true;
    } else if (node === "diagnose" && phase === "note") {
      scene = read(sceneNoteSchema, data)?.scene ?? scene;
    } else if (node === "diagnose" && phase === "end") {
      const diagnosis = read(diagnosedSchema, data)?.diagnosis;
      if (!diagnosis) continue;
      if (!looked) rounds.pop();
      looked = false;
      rounds.push({
        findings,
        diagnosis,
        scene,
        plan: null,
        noPlan: null,
        gateInput: undefined,
        verdict: undefined,
      });
    } else if (current && node === "decide" && phase === "end") {
      Object.assign(current, read(plannedSchema, data));
    } else if (current && node === "gate" && phase === "note") {
      current.gateInput = read(gateNoteSchema, data)?.gateInput;
    } else if (current && node === "gate" && phase === "end") {
      current.verdict = read(judgedSchema, data)?.verdict;
    }
  }
  return rounds;
}

function read<T>(schema: z.ZodType<T>, data: Json): T | undefined {
  return schema.safeParse(data).data;
}
