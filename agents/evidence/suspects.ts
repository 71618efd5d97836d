// Where everything that is known of all services points. It weighs words of logs and of findings with numbers, so it
// can support a cause, and never be what tells it from its rivals (agents/confidence.ts names it).
import { type Observer, percent, seen, unseen } from "./observer.ts";

/** Below this nothing stands out. */
const LIKELY = 0.5;

/** "leading": the service is the likeliest cause; "behind": another one is. Unknown where only one shows anything. */
const suspectedCause: Observer = ({ scene, parts }) => {
  const outage = parts.outage?.(scene.finding.service, scene.findings);
  const [first, ...others] = outage?.suspects.filter((one) => one.because.length > 0) ?? [];
  if (outage === undefined || first === undefined || others.length === 0)
    return unseen("no two services show anything that could be weighed");
  if (first.confidence < LIKELY) return unseen("no service stands out");
  const why = `${first.service} is suspected, ${percent(first.confidence)}: ${first.because[0]}`;
  const place = first.service === scene.service.name ? "leading" : "behind";
  return seen({ value: place, service: first.service, confidence: first.confidence, kind: outage.kind }, why);
};

export const suspects: Record<string, Observer> = { "suspected-cause": suspectedCause };
