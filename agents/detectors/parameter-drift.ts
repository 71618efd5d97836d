// Parameter drift: a number in the lines of a pattern has moved to another level, or a value that nobody knew has taken
// over. Told as information, since it names no cause; a time that grew tenfold is a warning for an hour.
import type { Detector } from "../detector.ts";
import type { ParameterDrift } from "../parameter-watch.ts";
import { makeFinding, percent } from "./make-finding.ts";

const MOST = 5;
const TENFOLD = 10;
/** After that it is known, and stays known by the pattern. */
const NEWS_MS = 60 * 60_000;

export const parameterDrift: Detector = (view) =>
  view
    .drifts()
    .filter(({ drift }) => view.now - drift.since < NEWS_MS)
    .slice(0, MOST)
    .map((one) =>
      makeFinding(view, {
        kind: "parameter-drift",
        since: one.drift.since,
        severity: isTenfold(one) ? "warning" : "info",
        summary: `${sentence(one)}, in lines like: ${one.template}`,
        facts: {
          pattern: one.pattern,
          template: one.template,
          parameter: one.parameter.name,
          unit: one.parameter.unit,
          ...one.drift,
        },
        signals: [],
        variant: `${one.parameter.name} ${one.drift.kind}`,
        words: one.template,
      }),
    );

function isTenfold({ parameter, drift }: ParameterDrift): boolean {
  return drift.kind === "level" && parameter.unit === "ms" && drift.after >= TENFOLD * drift.before;
}

function sentence({ parameter: { name, unit }, drift }: ParameterDrift): string {
  if (drift.kind === "value")
    return `“${name}” is now ${drift.after} in ${percent(drift.share)}, which was ${drift.before}`;
  const word = drift.after > drift.before ? "grew" : "fell";
  return `“${name}” ${word} from ${written(drift.before, unit)} to ${written(drift.after, unit)}`;
}

function written(value: number, unit: string): string {
  return `${Number(value.toPrecision(3))}${unit === "" ? "" : ` ${unit}`}`;
}
