// Decisions and earned autonomy, as text.
import type { AutonomyAnswer, PairAnswer, PairStory } from "../../autonomy.ts";
import { type Paint, plain } from "../terminal.ts";
import { table } from "./table.ts";
import { distance, many, percentOfBp, short } from "./words.ts";

export function renderAutonomy(answer: AutonomyAnswer, now: number, paint: Paint = plain): string {
  const rows = answer.pairs.map((one) => [
    one.id,
    one.service,
    `${one.playbook} → ${one.fix}`,
    `${one.rights} of ${one.rights + one.wrongs}`,
    percentOfBp(one.lowerBp),
    stateOf(one, answer, paint),
    one.lostAt === null ? "" : `lost ${distance(one.lostAt, now)}`,
  ]);
  const pairs = table(["pair", "service", "cause → fix", "right", "at least", "acts", ""], rows, {
    paint,
    align: ["left", "left", "left", "right", "right"],
    empty: "No decision yet: each plan that the gate judges is kept here, and scored by what happens then.",
  });
  return [pairs, "", wouldHave(answer), rule(answer)].join("\n");
}

/** "would have fixed 12, wrongly 1" */
export function wouldHave({
  would_have_fixed: { total, wrong, right, unclear, open },
}: Pick<AutonomyAnswer, "would_have_fixed">): string {
  return `Would have fixed ${total}, wrongly ${wrong} (right ${right}, unclear ${unclear}, not known yet ${open}).`;
}

function rule({ grant, least, boundBp }: AutonomyAnswer): string {
  return grant === "given"
    ? "Nothing is to be earned (healing.autonomy: given)."
    : `A fix acts alone after ${least} decisions, from ${percentOfBp(boundBp)} right at least; the first wrong one takes that away.`;
}

function stateOf(one: PairAnswer, { grant }: AutonomyAnswer, paint: Paint): string {
  if (grant === "given") return "by confidence";
  return one.alone ? paint("green", "alone") : "asks";
}

export function renderPair(story: PairStory, now: number, paint: Paint = plain): string {
  const rows = story.history.map((one) => [
    distance(one.at, now),
    one.outcome === "wrong" ? paint("red", "wrong") : (one.outcome ?? "open"),
    one.would ? "" : `held back by ${one.against.join(", ")}`,
    percentOfBp(one.scoreBp),
    one.told ?? (one.sameDoneAt === null ? "not known yet" : "somebody has done the same"),
    short(one.title, 60),
  ]);
  const gone = story.revocations.map(
    (one) => `Taken away ${distance(one.at, now)} by ${one.by}: ${one.reason}`,
  );
  return [
    `${story.id}  ${pairWords(story)}`,
    `${story.rights} of ${many(story.rights + story.wrongs, "decision", "decisions")} right, at least ${percentOfBp(story.lowerBp)}: ${story.alone ? "acts alone" : "asks"}`,
    ...(story.lostBecause === null ? [] : [`Lost: ${story.lostBecause}`]),
    ...gone,
    "",
    table(["decided", "was", "", "score", "what happened", "plan"], rows, { paint, empty: "No decision." }),
  ].join("\n");
}

export function pairWords({
  service,
  playbook,
  fix,
}: Pick<PairAnswer, "service" | "playbook" | "fix">): string {
  return `${fix} against ${playbook} at ${service}`;
}
