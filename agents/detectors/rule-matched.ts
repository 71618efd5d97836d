// Rule matched: more lines than a user's rule allows. As grave as the rule says; no playbook of ours knows it, so that a
// warning or worse becomes an incident for a person, and a repair only where a playbook of the user's names it.
import type { Detector } from "../detector.ts";
import { makeFinding, seconds } from "./make-finding.ts";

const MOST = 10;

export const ruleMatched: Detector = (view) =>
  view.rules
    .filter(({ rule, lines }) => lines >= rule.lines)
    .slice(0, MOST)
    .map(({ rule, lines, firstAt, lastAt, text }) =>
      makeFinding(view, {
        kind: "rule-matched",
        since: firstAt,
        severity: rule.severity,
        summary: `Rule ${rule.name}: ${times(lines)} in ${seconds(rule.withinMs)}. ${rule.hint ?? `The last: ${text}`}`,
        facts: {
          rule: rule.name,
          count: lines,
          threshold: rule.lines,
          withinMs: rule.withinMs,
          hint: rule.hint ?? null,
          line: text,
          lastAt,
        },
        signals: [],
        variant: rule.name,
      }),
    );

const times = (lines: number): string => (lines === 1 ? "one line" : `${lines} lines`);
