// What a language model was asked in this run, what became of it, and what its answers changed.
import { z } from "zod";
import type { Opinion } from "../../../domain/diagnosis.ts";
import { modelOutcomes } from "../../../tools/model.ts";
import type { RunStory } from "../../operations.ts";
import { columns } from "../render/table.ts";
import { points, short, span } from "../render/words.ts";
import type { Paint } from "../terminal.ts";
import type { Section } from "./section.ts";

const noteSchema = z.object({
  modelCall: z.object({
    step: z.string(),
    version: z.number(),
    provider: z.string(),
    model: z.string(),
    outcome: z.enum(modelOutcomes),
    detail: z.string().nullable(),
    ms: z.number(),
    retries: z.number(),
    tokensIn: z.number(),
    tokensOut: z.number(),
    costMicros: z.number().nullable(),
  }),
});
type Call = z.infer<typeof noteSchema>["modelCall"];

const MICROS = 1_000_000;

export function modelCalls(
  { steps, incident }: Pick<RunStory, "steps" | "incident">,
  paint: Paint,
): Section | undefined {
  const calls = steps.flatMap(({ phase, data }) => {
    const read = phase === "note" ? noteSchema.safeParse(data) : undefined;
    return read?.success ? [read.data.modelCall] : [];
  });
  const [first] = calls;
  if (!first) return undefined;
  return {
    heading: `Language model: ${first.provider} ${first.model}`,
    lines: [
      ...columns(
        calls.map((one) => row(one, paint)),
        ["left", "left", "right", "right", "right"],
      ),
      ...(incident?.diagnosis?.opinion
        ? changed(incident.diagnosis.opinion)
        : ["Rules decided and explained alone."]),
    ],
  };
}

function row(
  { step, version, outcome, detail, ms, tokensIn, tokensOut, retries, costMicros }: Call,
  paint: Paint,
): string[] {
  const good = outcome === "answered";
  const why = good || detail === null ? outcome : `${outcome}: ${short(detail, 100)}`;
  return [
    `${step} v${version}`,
    paint(good ? "green" : "yellow", `${why}${retries > 0 ? `, try ${retries + 1}` : ""}`),
    span(ms),
    `${tokensIn}+${tokensOut} tokens`,
    costMicros === null ? "" : (costMicros / MICROS).toFixed(4),
  ];
}

function changed({
  named,
  order,
  best,
  agrees,
  doubtBp,
  doubtReason,
  ownConfidence,
  explained,
}: Opinion): string[] {
  const own = ownConfidence === null ? "" : ` Its own confidence (${ownConfidence}) counts for nothing.`;
  return [
    ...(named.length > 0
      ? [`It named ${named.join(", ")}: checked, shown, and never acted on by that.`]
      : []),
    ...(order.length > 0 ? ["It put the checks in order; all were made."] : []),
    ...(best === null
      ? []
      : [`It ${agrees ? "agrees" : `prefers ${short(best, 60)}, which changes nothing`}.${own}`]),
    ...(doubtBp < 0 ? [`It doubts: ${points(doubtBp)} (${short(doubtReason, 200)})`] : []),
    ...(explained ? ["The explanation is in its words."] : []),
  ];
}
