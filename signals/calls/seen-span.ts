// A span as it is counted: what the ranking of causes needs, how it ended, and whom it asked where that is known.
import type { Span } from "../root-cause/spans.ts";

export interface SeenSpan extends Span {
  failed: boolean;
  /** The service that it asks; its own span may be missing, if it has no tracing or never got the question. */
  callee?: string;
  /** The callee has answered, and found the fault with the question. */
  refused: boolean;
}

export interface Completion {
  /**
   * The spans of one trace, and one more for each service that was asked and has none: it took as long as its caller
   * waited for it, and failed as its caller says.
   */
  complete(spans: readonly SeenSpan[]): SeenSpan[];
}

const UNSEEN = "asked, not seen itself";
const MOST_KNOWN = 2_000;

/** Remembers which operation of a service a question led to, so that an answer that is missing can be compared with it. */
export function makeCompletion(): Completion {
  const answers = new Map<string, string>();
  return {
    complete(spans) {
      const byId = new Map(spans.map((one) => [one.id, one]));
      const answered = new Set<string>();
      for (const { parent, service, operation } of spans) {
        const asker = byId.get(parent);
        if (asker === undefined || asker.service === service) continue;
        answered.add(parent);
        remember(answers, questionOf(asker, service), operation);
      }
      const unseen = spans.flatMap((one): SeenSpan[] => {
        const { callee, refused, ...span } = one;
        if (callee === undefined || callee === one.service || answered.has(one.id)) return [];
        const id = `${one.id}/callee`;
        const operation = answers.get(questionOf(one, callee)) ?? UNSEEN;
        const failed = one.failed && !refused;
        return [{ ...span, id, parent: one.id, service: callee, operation, failed, refused: false }];
      });
      return [...spans, ...unseen];
    },
  };
}

function questionOf({ service, operation }: SeenSpan, callee: string): string {
  return JSON.stringify([service, operation, callee]);
}

/** The one that has not come for longest makes room. */
function remember(answers: Map<string, string>, question: string, operation: string): void {
  answers.delete(question);
  answers.set(question, operation);
  const [oldest] = answers.keys();
  if (answers.size > MOST_KNOWN && oldest !== undefined) answers.delete(oldest);
}
