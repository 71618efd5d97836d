// Rule watch: counts the lines that fit the users' rules. The rules of the configuration hold as long as this process
// runs; stored ones come and go. However costly a rule is, looking takes at most a share of the time.
import type { Clock } from "../domain/clock.ts";
import { LONGEST_WITHIN_MS, type LogRule } from "../domain/log-rule.ts";
import { withoutSecrets } from "../domain/mask-secrets.ts";
import type { LogSignal } from "../domain/signal.ts";
import type { LogRuleCount, LogRules as StoredRules } from "../knowledge/observations.ts";
import { type Buckets, makeBuckets } from "../signals/patterns/buckets.ts";
import { COARSE_MS, FINE_MS } from "../signals/patterns/pattern-history.ts";
import { makeLogRules } from "../signals/rules/log-rules.ts";

export interface RuleWatchParts {
  clock: Pick<Clock, "now">;
  configured: readonly LogRule[];
  store: Pick<StoredRules, "list" | "note">;
  /** Milliseconds of a clock that measures work. */
  stopwatch?: () => number;
}

/** A rule that lines of a service fitted lately. */
export interface RuleMatch {
  rule: LogRule;
  /** Within the rule's time. */
  lines: number;
  firstAt: number;
  lastAt: number;
  /** The last line, secrets masked. */
  text: string;
}

export interface RuleWatch {
  note(line: LogSignal): void;
  /** Lines from before `since` do not count: what led to a repair is over. */
  matches(service: string, since?: number): RuleMatch[];
  /** Takes over what is stored now. */
  reload(): Promise<void>;
  /** Counts since the last flush go to the store; rejects where it takes nothing, and loses nothing. */
  flush(): Promise<void>;
  /** Lines that were not looked at, because the rules were too costly for as many. */
  passedOver(): number;
}

interface Seen {
  rule: LogRule;
  fine: Buckets;
  lastAt: number;
  text: string;
}

const KEPT = LONGEST_WITHIN_MS / FINE_MS + 1;
const TEXT_CHARS = 300;
/** Of each ten seconds at most one is spent on rules. */
const SPAN_MS = 10_000;
const BUDGET_MS = 1_000;
/** Services and rules together; the one that was silent longest is forgotten. */
const MOST_SEEN = 2_000;

export function makeRuleWatch(parts: RuleWatchParts): RuleWatch {
  const { clock, configured, store, stopwatch = () => performance.now() } = parts;
  let rules = configured;
  let { concern, matching } = makeLogRules(rules);
  const seen = new Map<string, Seen>();
  let unsaved = new Map<string, LogRuleCount>();
  let span = { from: 0, spent: 0 };
  let passedOver = 0;

  function matched(line: LogSignal): readonly LogRule[] {
    const began = stopwatch();
    if (began - span.from >= SPAN_MS) span = { from: began, spent: 0 };
    if (span.spent >= BUDGET_MS) {
      passedOver += 1;
      return [];
    }
    const found = matching(line);
    span.spent += stopwatch() - began;
    return found;
  }

  function count(rule: LogRule, { service, text, ...line }: LogSignal): void {
    const at = Math.min(line.at, clock.now()); // a line from the future would hide all that come before then
    const key = keyOf(service, rule.name);
    const known = seen.get(key);
    const one = known?.rule === rule ? known : { rule, fine: makeBuckets(FINE_MS, KEPT), lastAt: 0, text };
    one.fine.add(at);
    one.lastAt = Math.max(one.lastAt, at);
    one.text = text;
    seen.delete(key); // the map is in the order of the last line
    if (seen.size >= MOST_SEEN) seen.delete(seen.keys().next().value ?? "");
    seen.set(key, one);
    add(unsaved, { rule: rule.name, service, at: at - (at % COARSE_MS), lines: 1, lastAt: at });
  }

  return {
    note(line) {
      if (!concern(line.service)) return;
      for (const rule of matched(line)) count(rule, line);
    },
    matches(service, since = 0) {
      const now = clock.now();
      return rules.flatMap((rule) => {
        const one = seen.get(keyOf(service, rule.name));
        return one?.rule === rule ? matchOf(one, Math.max(since, now - rule.withinMs), now) : [];
      });
    },
    async reload() {
      const names = new Set(configured.map(({ name }) => name));
      const stored = (await store.list()).filter(({ name }) => !names.has(name));
      const known = new Map(rules.map((rule) => [JSON.stringify(rule), rule]));
      // A rule that stays as it is keeps its counts.
      const all = [...configured, ...stored.map((rule) => known.get(JSON.stringify(rule)) ?? rule)];
      if (all.length === rules.length && all.every((rule, at) => rule === rules[at])) return;
      const next = makeLogRules(all);
      rules = all;
      ({ concern, matching } = next);
    },
    async flush() {
      const taken = unsaved;
      unsaved = new Map();
      try {
        await store.note([...taken.values()]);
      } catch (error) {
        for (const one of taken.values()) add(unsaved, one);
        throw error;
      }
    },
    passedOver: () => passedOver,
  };
}

function keyOf(service: string, rule: string): string {
  return `${rule}\n${service}`;
}

function add(counts: Map<string, LogRuleCount>, one: LogRuleCount): void {
  const key = `${one.at}\n${keyOf(one.service, one.rule)}`;
  const known = counts.get(key);
  counts.set(key, {
    ...one,
    lines: one.lines + (known?.lines ?? 0),
    lastAt: Math.max(one.lastAt, known?.lastAt ?? 0),
  });
}

/** A bucket that began before `from` counts, unless all of it lies before. */
function matchOf({ rule, fine, lastAt, text }: Seen, from: number, now: number): RuleMatch[] {
  const wanted = Math.min(KEPT, Math.floor(now / FINE_MS) - Math.floor(from / FINE_MS) + 1);
  const counts = fine.last(wanted, now);
  const lines = counts.reduce((sum, one) => sum + one, 0);
  if (lines === 0 || lastAt < from) return [];
  const first = counts.findIndex((one) => one > 0);
  const firstAt = Math.max(from, (Math.floor(now / FINE_MS) - wanted + 1 + first) * FINE_MS);
  return [{ rule, lines, firstAt, lastAt, text: withoutSecrets(text).slice(0, TEXT_CHARS) }];
}
