// Which run this is: service, why it started, how it stands, and how long each step took.
import type { RunStory } from "../../operations.ts";
import { runMark } from "../render/marks.ts";
import { moment, span } from "../render/words.ts";
import type { Paint } from "../terminal.ts";

export function header({ run, steps }: Pick<RunStory, "run" | "steps">, paint: Paint): string {
  const took = run.endedAt === null ? "" : `, took ${span(run.endedAt - run.startedAt)}`;
  const incident = run.incidentId === null ? "" : ` · incident ${run.incidentId}`;
  return [
    `${paint("bold", `Run ${run.id}`)} · ${run.service}${incident}  ${runMark(run, paint)}`,
    `started ${moment(run.startedAt)} by ${run.trigger} (${run.reason})${took}`,
    ...path(steps),
  ].join("\n");
}

/** observe 412 ms → detect 3 ms → … ; a step that failed is marked. */
function path(steps: RunStory["steps"]): string[] {
  const done = steps.filter(({ phase }) => phase === "end" || phase === "error");
  if (done.length === 0) return [];
  const names = done.map(({ node, phase, ms }) => {
    const time = ms === null ? "" : ` ${span(ms)}`;
    return `${phase === "error" ? "✕ " : ""}${node}${time}`;
  });
  return [names.join(" → ")];
}
