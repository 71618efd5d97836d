// Log patterns whose counts have changed as evidence: errors that are new, or far more than usual. A service often only
// says what its dependencies do to it.
import type { PatternView } from "../patterns/pattern-history.ts";
import { gravityOf, type LogLevel } from "../../domain/log-level.ts";
import type { Evidence } from "./evidence.ts";

/** What is needed of a pattern. */
export interface ChangedPattern extends Pick<PatternView, "trend" | "burst" | "firstSeen"> {
  service: string;
  level: LogLevel;
  template: string;
}

const NEW = 1.5;
const MORE = 1;
const LONGEST = 120;

/** The strongest of each service, which speaks for all of them. */
export function logTrendEvidence(patterns: readonly ChangedPattern[]): Evidence[] {
  const all = patterns.flatMap(pieceOf);
  return [...Map.groupBy(all, (one) => one.service).values()].flatMap((mine) =>
    mine.toSorted((a, b) => b.strength - a.strength).slice(0, 1),
  );
}

function pieceOf({ service, level, template, trend, burst, firstSeen }: ChangedPattern): Evidence[] {
  const isNew = trend === "new";
  if (gravityOf(level) < gravityOf("error") || (!isNew && trend !== "rising" && burst === undefined))
    return [];
  const what = `"${template.slice(0, LONGEST)}"`;
  const because = isNew ? `${what} is new in its log` : `${what} comes more often than usual`;
  const since = isNew ? { since: firstSeen } : {};
  return [{ service, kind: "code", strength: isNew ? NEW : MORE, reach: "effect", because, ...since }];
}
