// A language model's draft of a postmortem's words: every sentence must cite records of this incident, or it is dropped.
// What the rules found stays as it is; the draft stands beside it, marked as the model's.
import { z } from "zod";
import type { Model } from "../../tools/model.ts";
import { plainLine } from "../evidence/observer.ts";
import { postmortemPrompt } from "../prompts/postmortem.ts";
import type { Claim, Postmortem } from "./postmortem.ts";

const MOST = 8;
const LONGEST = 500;
const claims = z
  .array(z.object({ text: z.string().min(1).max(LONGEST), cites: z.array(z.string().max(300)).max(20) }))
  .max(MOST);
const draftSchema = z.object({ summary: claims, lessons: claims });

/** `known`: ids of the incident's records. No answer, or a bad one, leaves the postmortem as the rules made it. */
export async function drafted(
  model: Model,
  postmortem: Postmortem,
  known: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<Postmortem> {
  if (model.provider === "none") return postmortem;
  const asked = await model.ask(draftSchema, postmortemPrompt(postmortem), signal).catch(() => undefined);
  const draft = draftSchema.safeParse(asked).data;
  if (draft === undefined) return postmortem;
  const kept = (all: z.infer<typeof claims>): Claim[] =>
    all
      .filter(({ cites }) => cites.length > 0 && cites.every((one) => known.has(one)))
      .map(({ text, cites }) => ({ text: plainLine(text, LONGEST), cites, by: "model" }));
  return {
    ...postmortem,
    summary: [...postmortem.summary, ...kept(draft.summary)],
    lessons: [...postmortem.lessons, ...kept(draft.lessons)],
  };
}
