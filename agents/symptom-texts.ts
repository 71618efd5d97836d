// The texts by which a trouble is remembered and looked up: what was found, and the log lines that it rests on.
import { type Finding, isSymptom } from "../domain/finding.ts";
import { only } from "../domain/signal.ts";

const MOST_LINES = 6;
const grave: ReadonlySet<string> = new Set(["warn", "error", "fatal", "unknown"]);

/** Log lines first, since they are what another system writes alike; then the findings' own words. Each once. */
export function symptomTexts(findings: readonly Finding[]): string[] {
  const symptoms = findings.filter(isSymptom);
  const lines = symptoms
    .flatMap(({ signals }) => only(signals, "log"))
    .filter(({ level }) => grave.has(level))
    .map(({ text }) => text)
    .toReversed();
  return [
    ...new Set([...[...new Set(lines)].slice(0, MOST_LINES), ...symptoms.map(({ summary }) => summary)]),
  ];
}
