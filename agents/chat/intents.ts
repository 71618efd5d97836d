// What a question asks for. The first rule whose concepts are all there decides, so the order is the precedence:
// what is more particular stands before what is more general.
import type { Concept } from "./concepts.ts";

export const intents = [
  "act",
  "diff",
  "undo",
  "not-fixed",
  "decided",
  "audit",
  "rival",
  "proof",
  "confidence",
  "waiting",
  "similar",
  "best-fix",
  "forecast",
  "duration",
  "how-often",
  "worst",
  "learned",
  "watches",
  "changes",
  "done",
  "would-do",
  "meaning",
  "logs",
  "affected",
  "metric",
  "list",
  "healthy",
  "trouble",
  "broken-now",
  "happened",
  "help",
] as const;
export type Intent = (typeof intents)[number];

type Rule = readonly [Intent, ...(Concept | `!${Concept}` | "named" | "!named" | "person")[]];

const rules: readonly Rule[] = [
  ["diff", "diff"],
  ["not-fixed", "why", "not", "fix"],
  ["not-fixed", "why", "rolled"],
  ["not-fixed", "why", "not", "gate"],
  ["not-fixed", "why", "not", "do"],
  ["not-fixed", "why", "reject"],
  ["decided", "who", "approve"],
  ["decided", "who", "reject"],
  ["decided", "expire"],
  ["decided", "list", "reject"],
  ["audit", "person", "!waiting"],
  ["audit", "who", "audit"],
  ["changes", "who", "change", "named"],
  ["audit", "who", "change"],
  ["audit", "who", "do"],
  ["audit", "audit"],
  ["undo", "undo"],
  ["undo", "how", "back", "!long"],
  ["rival", "rival"],
  ["proof", "know"],
  ["similar", "similar"],
  ["waiting", "waiting", "!why"],
  ["confidence", "math"],
  ["confidence", "sure"],
  ["confidence", "evidence"],
  ["confidence", "gate"],
  ["best-fix", "best", "fix", "!happen"],
  ["best-fix", "best", "undo"],
  ["best-fix", "best", "restart"],
  ["forecast", "fill"],
  ["duration", "long"],
  ["worst", "worst"],
  ["how-often", "often"],
  ["learned", "learn"],
  ["watches", "watch", "!list"],
  ["changes", "change", "before"],
  ["done", "did"],
  ["would-do", "would"],
  ["changes", "change", "!did"],
  ["affected", "drag"],
  ["meaning", "mean"],
  ["logs", "log"],
  ["logs", "list", "error"],
  ["metric", "numbers", "!why", "!slow", "!down", "!happen", "!not"],
  ["list", "list", "incident"],
  ["list", "list", "run"],
  ["list", "list", "backup"],
  ["list", "list", "approve"],
  ["list", "list", "pattern"],
  ["list", "list", "playbook"],
  ["list", "list", "watch"],
  ["list", "list", "service", "!broken", "!down"],
  ["happened", "happen", "!why"],
  ["happened", "happen", "!named"],
  ["happened", "past", "down", "!why"],
  ["happened", "past", "broken", "!why"],
  ["confidence", "why", "percent"],
  ["trouble", "why"],
  ["trouble", "slow"],
  ["healthy", "well", "named", "!down"],
  ["broken-now", "broken", "!named"],
  ["broken-now", "down", "now"],
  ["broken-now", "well", "!named"],
  ["broken-now", "now", "!named"],
  ["trouble", "broken"],
  ["trouble", "error", "named"],
  ["trouble", "down"],
  ["help", "help"],
];

/** undefined: no rule knows it. */
export function intentOf(
  concepts: ReadonlySet<Concept>,
  { named, person }: { named: boolean; person: boolean },
): Intent | undefined {
  const has = (wanted: string): boolean => {
    if (wanted.startsWith("!")) return !has(wanted.slice(1));
    if (wanted === "named") return named;
    if (wanted === "person") return person;
    return concepts.has(wanted as Concept);
  };
  return rules.find(([, ...wanted]) => wanted.every(has))?.[0];
}

const VERBS =
  "approve|reject|restart|start|stop|heal|fix|repair|pause|resume|delete|drop|kill|scale|reload|deploy|set|raise|lower|run|execute|disable|enable|truncate";
const ASKED = new RegExp(
  `^(?:please |now |just |go ahead and |go and |can you |could you |will you |would you |i want you to |you should )*(${VERBS})\\b(?! out\\b)`,
);

/** Somebody wants something done: the chat tells how, and does nothing. */
export function wantedAct(words: readonly string[]): string | undefined {
  return ASKED.exec(words.join(" "))?.[1];
}

/** Answers that are about one thing, which an earlier question may have named. */
export const aboutOne: ReadonlySet<Intent> = new Set<Intent>([
  "diff",
  "undo",
  "not-fixed",
  "confidence",
  "rival",
  "proof",
  "similar",
  "duration",
  "would-do",
  "trouble",
  "healthy",
  "affected",
  "metric",
]);
