// Dependency down: something this service needs is critical, and its own trouble points there. A warning, so that
// the dependency is repaired instead; restarting its victims only adds to an outage.
import type { LogSignal, ProbeSignal } from "../../domain/signal.ts";
import type { LogPatternName } from "../../signals/log-patterns.ts";
import type { Detector, View } from "../detector.ts";
import { patternOf, troubleOf } from "./line-reading.ts";
import { makeFinding } from "./make-finding.ts";
import { byProbe, recent, within } from "./recent.ts";

const WINDOW_MS = 60_000;
/** What a caller says when the other side is away. */
const pointing: ReadonlySet<LogPatternName> = new Set(["refused", "timeout", "database", "http-answer"]);

export const dependencyDown: Detector = (view) => {
  const critical = view.dependencies.filter((one) => one.level === "critical");
  if (critical.length === 0) return [];
  const { running, lines, probes } = recent(view);
  const complaints = within(lines, view, WINDOW_MS).filter((line) => isComplaint(line, view));
  const answers = running === false ? [] : failedAnswers(probes);
  const named = critical.find((one) => complaints.some((line) => line.text.includes(one.name)));
  const dependency = named ?? critical[0];
  if (dependency === undefined || (complaints.length === 0 && answers.length === 0)) return [];
  const evidence = [...complaints, ...answers];
  return [
    makeFinding(view, {
      kind: "dependency-down",
      since: Math.min(...evidence.map((one) => one.at)),
      severity: "warning",
      summary: `${view.service.name} suffers because ${dependency.name}, which it needs, is down.`,
      facts: {
        dependency: dependency.name,
        level: dependency.level,
        evidence: complaints.length > 0 ? "log" : "checks",
      },
      signals: evidence,
      variant: dependency.name,
    }),
  ];
};

/** A caller that tries again says it as a warning. */
function isComplaint(line: LogSignal, view: View): boolean {
  const match = line.level === "warn" ? patternOf(line) : troubleOf(line);
  if (match === undefined) return false;
  return pointing.has(match.pattern) || view.dependencies.some((one) => match.headline.includes(one.name));
}

/** It answers, but with an error or too late: as one does who waits for somebody else. Nothing listening is its own fault. */
function failedAnswers(probes: readonly ProbeSignal[]): ProbeSignal[] {
  return byProbe(probes).flatMap((list) => {
    const last = list.at(-1);
    const waits = last?.failure === "timeout" || last?.failure === "slow";
    return last && !last.ok && (waits || (last.status ?? 0) >= 500) ? [last] : [];
  });
}
