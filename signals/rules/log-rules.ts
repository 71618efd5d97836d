// Which of the users' rules a log line fits. Compiled once; without a rule for a service its lines cost a look into a
// table.
import type { LogRule } from "../../domain/log-rule.ts";
import type { LogSignal } from "../../domain/signal.ts";
import { makeExpressionSet } from "../expressions/re2.ts";
import { gravityOf } from "../../domain/log-level.ts";

/** Further right nobody looks: a line may be written to hurt. */
const TEXT_LIMIT = 4_000;
const NONE: readonly LogRule[] = [];

export interface LogRules {
  /** Whether there is any rule that a line of this service could fit. */
  concern(service: string): boolean;
  matching(line: Pick<LogSignal, "service" | "level" | "text">): readonly LogRule[];
}

/** All expressions must be ones that readExpression takes. */
export function makeLogRules(rules: readonly LogRule[]): LogRules {
  const find = makeExpressionSet(rules.map(({ match }) => match));
  const everywhere = rules.some(({ service }) => service === undefined);
  const named = new Set(rules.map(({ service }) => service));
  const concern = (service: string): boolean => everywhere || named.has(service);
  return {
    concern,
    matching(line) {
      if (!concern(line.service)) return NONE;
      const text = line.text.length > TEXT_LIMIT ? line.text.slice(0, TEXT_LIMIT) : line.text;
      return find(text).flatMap((at) => {
        const rule = rules[at];
        return rule !== undefined && isInScope(rule, line) ? [rule] : [];
      });
    },
  };
}

function isInScope({ service, level }: LogRule, line: Pick<LogSignal, "service" | "level">): boolean {
  const here = service === undefined || service === line.service;
  return here && (level === undefined || gravityOf(line.level) >= gravityOf(level));
}
