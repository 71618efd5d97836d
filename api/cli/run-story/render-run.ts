// The story of a run for a person, in the order in which it happened.
import type { RunStory } from "../../operations.ts";
import { type Paint, plain } from "../terminal.ts";
import { actions } from "./actions.ts";
import { arithmetic } from "./arithmetic.ts";
import { backup } from "./backup.ts";
import { confirmation } from "./confirmation.ts";
import { approval, gate, planned } from "./gate.ts";
import { header } from "./header.ts";
import { hypotheses } from "./hypotheses.ts";
import { modelCalls } from "./model-calls.ts";
import { outage } from "./outage.ts";
import { learned, outcome } from "./outcome.ts";
import { broke, earlierAttempts, rolledBack, validated } from "./proof.ts";
import { type Section, sectionText } from "./section.ts";
import { evidence, seen } from "./seen.ts";
import { similar } from "./similar.ts";

/** Pure. A part that the run did not reach is left out. */
export function renderRun(story: RunStory, paint: Paint = plain): string {
  const { incident } = story;
  const middle: (Section | undefined)[] =
    incident === null
      ? []
      : [
          seen(incident),
          hypotheses(incident),
          outage(story, incident),
          evidence(incident, paint),
          modelCalls(story, paint),
          similar(incident),
          earlierAttempts(incident),
          planned(incident),
          arithmetic(incident, paint),
          gate(incident, paint),
          approval(story.approval, incident),
          confirmation(incident, paint),
          backup(story, paint),
          actions(story.journal, incident, paint),
          validated(incident, paint),
          rolledBack(incident, paint),
          broke(incident, paint),
          learned(story),
        ];
  const sections = [...middle, outcome(story, paint)].filter((one) => one !== undefined);
  return [header(story, paint), ...sections.map((one) => sectionText(one, paint))].join("\n\n");
}
