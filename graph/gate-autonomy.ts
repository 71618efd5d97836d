// The gate's rule about earned autonomy: one more that must pass. It never lowers what the score must reach.
import { isEarned, lowerBoundBp } from "../agents/autonomy.ts";
import { ask, pass, type Rule } from "./gate-answer.ts";

export const autonomyRule: Rule = ({ plan, policy: { autonomy }, history: { standing } }) => {
  if (autonomy === undefined || autonomy.grant === "given") return pass("autonomy need not be earned");
  const isOwn =
    standing?.service === plan.service && standing.playbook === plan.playbook && standing.fix === plan.fix;
  if (!isOwn) return ask("nothing is known of earlier decisions, so autonomy is not earned");
  const { rights, wrongs, lostBecause } = standing;
  const total = rights + wrongs;
  const counted = `${rights} of ${total} decisions were right: at least ${percent(lowerBoundBp(standing))}`;
  if (isEarned(standing, autonomy)) return pass(`autonomy is earned, ${counted}`);
  const lost = lostBecause === null ? "" : `; it was lost: ${lostBecause}`;
  return ask(
    `autonomy is not earned: ${counted}, ${percent(autonomy.boundBp)} after ${autonomy.least} are needed${lost}`,
  );
};

function percent(basisPoints: number): string {
  return `${basisPoints / 100} %`;
}
