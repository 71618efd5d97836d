// What the detectors of this run found, as something a check can ask for.
import { type Observer, plainLine, seen, textsParam } from "./observer.ts";

/** The kinds asked for that were found on the service (or about it, as a dependency); null: none. */
const symptom: Observer = ({ scene, params }) => {
  const kinds = textsParam(params, "kinds");
  const found = scene.findings.find(
    (one) =>
      kinds.includes(one.kind) &&
      (one.service === scene.service.name || one.facts["dependency"] === scene.service.name),
  );
  return found
    ? seen(found.kind, plainLine(found.summary))
    : seen(null, `no ${kinds.join(" or ")} was found`);
};

export const symptoms: Record<string, Observer> = { symptom };
