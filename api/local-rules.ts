// Users' rules about log lines, of the configuration and stored: shown with their counts, made and removed.
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import { type LogRule, MOST_RULES } from "../domain/log-rule.ts";
import type { Audit } from "../knowledge/records.ts";
import type { LogRuleSum, Observations } from "../knowledge/observations.ts";
import { audited } from "./audited.ts";
import { type LogRuleInput, tooLarge, toLogRule } from "./config/log-rule-schema.ts";
import { durationText } from "./config/units.ts";
import type { Observed, RuleAnswer } from "./observed.ts";
import type { Observers } from "./observers.ts";

export interface RuleParts {
  observations: Pick<Observations, "rules">;
  store: { audit: Audit };
  clock: Pick<Clock, "now">;
  observer?: Pick<Observers, "rules">;
  /** Of the configuration. */
  logRules?: readonly LogRule[];
}

const DAY_MS = 24 * 3_600_000;

export function localRules(parts: RuleParts): Pick<Observed, "rules" | "addRule" | "removeRule"> {
  const { observations, store, clock, observer, logRules = [] } = parts;
  const isConfigured = (name: string): boolean => logRules.some((one) => one.name === name);
  const stored = async (): Promise<LogRule[]> =>
    (await observations.rules.list()).filter(({ name }) => !isConfigured(name));

  function answersOf(rules: readonly LogRule[], sums: readonly LogRuleSum[]): RuleAnswer[] {
    return rules.map((rule) => answerOf(rule, { sums, observer, origin: originOf(rule.name) }));
  }

  const originOf = (name: string) => (isConfigured(name) ? "configuration" : "api");

  return {
    async rules() {
      const sums = await observations.rules.sums(clock.now() - DAY_MS);
      const all = [...logRules, ...(await stored())];
      return { rules: answersOf(all, sums), passed_over: observer?.rules.passedOver() ?? 0 };
    },
    async addRule(input, actor) {
      const rule = toLogRule(input);
      if (isConfigured(rule.name)) throw configured(rule.name);
      const others = (await stored()).filter(({ name }) => name !== rule.name);
      refuseTooMany([...logRules, ...others, rule]);
      await audited(store.audit, actor, "rule.put", rule.name, detailOf(input), () =>
        observations.rules.put(rule, actor.name),
      );
      await observer?.rules.reload();
      return answerOf(rule, { sums: [], observer, origin: "api" });
    },
    async removeRule(name, actor) {
      if (isConfigured(name)) throw configured(name);
      const gone = (await stored()).find((one) => one.name === name);
      if (gone === undefined) throw noRule(name);
      await audited(store.audit, actor, "rule.remove", name, { match: gone.match }, () =>
        observations.rules.remove(name),
      );
      await observer?.rules.reload();
      return answerOf(gone, { sums: [], observer, origin: "api" });
    },
  };
}

function answerOf(
  { name, match, severity, lines, withinMs, service, level, hint }: LogRule,
  about: {
    sums: readonly LogRuleSum[];
    observer: Pick<Observers, "rules"> | undefined;
    origin: RuleAnswer["origin"];
  },
): RuleAnswer {
  const own = about.sums.filter((one) => one.rule === name);
  return {
    name,
    match,
    severity,
    service: service ?? null,
    level: level ?? null,
    hint: hint ?? null,
    threshold: { lines, within: durationText(withinMs) },
    origin: about.origin,
    services: own.map((one) => ({
      service: one.service,
      lines: one.lines,
      lastAt: one.lastAt,
      now: linesNow(about.observer, one.service, name),
    })),
  };
}

function linesNow(
  observer: Pick<Observers, "rules"> | undefined,
  service: string,
  name: string,
): number | null {
  if (observer === undefined) return null;
  return observer.rules.matches(service).find(({ rule }) => rule.name === name)?.lines ?? 0;
}

function detailOf({ match, severity, service, level }: LogRuleInput) {
  return { match, severity, service: service ?? null, level: level ?? null };
}

function refuseTooMany(rules: readonly LogRule[]): void {
  const size = tooLarge(rules.map(({ match }) => match));
  const problem = rules.length > MOST_RULES ? `There can be ${MOST_RULES} rules at most.` : size;
  if (problem === undefined) return;
  throw new HealError(problem, {
    code: "too-many-rules",
    hint: "opsmedic patterns rules rm NAME removes one.",
  });
}

function configured(name: string): HealError {
  return new HealError(`The rule ${name} is one of the configuration.`, {
    code: "rule-configured",
    hint: "Change it there, under patterns.rules, or choose another name.",
  });
}

function noRule(name: string): HealError {
  return new HealError(`There is no rule ${JSON.stringify(name.slice(0, 200))}.`, {
    code: "not-found",
    hint: "opsmedic patterns rules ls lists them.",
  });
}
