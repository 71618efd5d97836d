// How sure it was and why: the score addend by addend, what was seen for it and against it, and what the gate made of it.
import { type CheckResult, causesIn } from "../../../domain/diagnosis.ts";
import { cite, type Claim } from "../reply.ts";
import { subjectOf } from "../subject.ts";
import { percentOf, pointsOf, sentence } from "../words.ts";
import { type Ask, claim, type Draft } from "./rule.ts";
import { nothingOf, topicOf } from "./trouble.ts";

export async function confidence(ask: Ask): Promise<Draft> {
  const { question, reading } = ask;
  if (question.unknownService !== undefined) return nothingOf(ask);
  const subject = await subjectOf(await byScore(ask), reading);
  const read = subject?.runs[0];
  if (!subject || !read) return nothingOf(ask);
  const hypotheses = causesIn(read.incident?.diagnosis);
  const [top] = hypotheses;
  const at = read.at("diagnose");
  if (!top)
    return {
      claims: [claim(`${read.run.id} found no cause for ${subject.incident.id}.`, at)],
      topic: topicOf(subject),
    };
  const sum = top.addends.map(({ label, points }) => `${label} ${pointsOf(points)}`).join(", ");
  const rivals = hypotheses
    .slice(1, 3)
    .map((one) =>
      claim(`The next likely cause was ${one.title} (${one.playbook}), ${percentOf(one.scoreBp)}.`, at),
    );
  const claims: Claim[] = [
    claim(
      `In ${read.run.id} I was ${percentOf(top.scoreBp)} sure that the cause was: ${top.title}. ${sentence(top.cause)}`,
      at,
      cite("run", read.run.id),
    ),
    claim(
      `The sum: ${sum}; together ${pointsOf(top.addends.reduce((total, one) => total + one.points, 0))}.`,
      at,
    ),
    ...top.checks.map((one) => claim(checkText(one), at)),
    ...(top.discriminated
      ? []
      : [
          claim(
            "Nothing that was measured told it from its likeliest rival, which keeps it below 85.00 %.",
            at,
          ),
        ]),
    ...rivals,
  ];
  const { verdict } = read.incident ?? {};
  if (verdict) {
    const against = verdict.reasons.filter((one) => one.outcome !== "pass");
    const why =
      against.length > 0
        ? `, because ${against.map((one) => one.text).join("; ")}`
        : ` (${verdict.reasons.map((one) => one.text).join("; ")})`;
    claims.push(claim(`The gate said ${verdict.decision}${why}.`, read.at("gate")));
  }
  return { claims, commands: [`opsmedic gate replay ${read.run.id}`], topic: topicOf(subject) };
}

/** "the 79.35", "the 89 percent": the latest run that had this score. */
async function byScore({ question, reading }: Ask): Promise<Ask["question"]> {
  const number = /\b(\d{2,3}(?:\.\d{1,2})?)(?=\b)/.exec(question.text)?.[1];
  if (number === undefined || question.services.length > 0 || Object.keys(question.ids).length > 0)
    return question;
  const found = (await reading.runs({})).find(
    (one) => one.scoreBp !== null && one.scoreBp === Math.round(Number(number) * 100),
  );
  return found ? { ...question, ids: { run: found.id } } : question;
}

function checkText({ question, verdict, observation, points }: CheckResult): string {
  const seen = observation.status === "known" ? observation.text : observation.reason;
  const word = { supports: "for it", contradicts: "against it", unknown: "not known" }[verdict];
  return `${question} ${word} (${pointsOf(points)}): ${sentence(seen)}`;
}
