// How it ended and what is remembered of it.
import type { RunStory } from "../../operations.ts";
import { runMark } from "../render/marks.ts";
import type { Paint } from "../terminal.ts";
import type { Section } from "./section.ts";

export function learned(story: Pick<RunStory, "incident">): Section | undefined {
  const text = story.incident?.learned ?? null;
  return text === null ? undefined : { heading: "Learned", lines: [text] };
}

export function outcome({ run }: Pick<RunStory, "run">, paint: Paint): Section {
  return { heading: "Outcome", lines: [runMark(run, paint), ...(run.report === null ? [] : [run.report])] };
}
