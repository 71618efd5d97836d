// Exited: it should run and does not. Why is told by its last words, which are part of the finding.
import type { Service } from "../../domain/service.ts";
import type { LogSignal } from "../../domain/signal.ts";
import type { LogMatch } from "../../signals/log-patterns.ts";
import type { Detector } from "../detector.ts";
import { troubleOf } from "./line-reading.ts";
import { makeFinding } from "./make-finding.ts";
import { recent } from "./recent.ts";

const LAST_WORDS_MS = 30_000;
const LAST_WORDS = 5;

export const exited: Detector = (view) => {
  const { state, running, died, lines } = recent(view);
  if (running !== false || state?.stoppedByOperator || state?.status === "paused") return [];
  const status = died === undefined || state?.status !== "running" ? (state?.status ?? "exited") : "exited";
  const exitCode = died?.exitCode ?? (status === "running" ? undefined : state?.exitCode);
  const endedAt = died?.at ?? state?.finishedAt ?? state?.at ?? view.now;
  const words = lastWords(lines, endedAt);
  const reason = words.at(-1)?.match;
  const how = exitCode === undefined ? "" : ` with code ${exitCode}`;
  return [
    makeFinding(view, {
      kind: "exited",
      since: endedAt,
      // A program that ends well without being a server may have done its work.
      severity: exitCode === 0 && view.service.health.length === 0 ? "warning" : "critical",
      summary: `${sentence(view.service, status)}${how}${reason ? `; its last words: ${reason.headline}` : ""}.`,
      facts: {
        status,
        exitCode: exitCode ?? null,
        lastWords: reason?.headline ?? null,
        pattern: reason?.pattern ?? null,
      },
      signals: [...words.map((one) => one.line), ...(state ? [state] : []), ...(died ? [died] : [])],
      // Not by its last words: they may arrive after the first look, and the same end must keep its signature.
      variant: `${status} ${exitCode ?? ""}`,
    }),
  ];
};

function sentence({ name, runtime }: Service, status: string): string {
  if (status === "absent")
    return runtime?.kind === "process" ? `${name} was never started` : `${name} does not exist`;
  if (status === "created") return `${name} was never started`;
  return status === "restarting" ? `${name} is down and being restarted, it ended` : `${name} has ended`;
}

/** Lines that report trouble shortly before the end; the most telling last. */
function lastWords(lines: readonly LogSignal[], endedAt: number): { line: LogSignal; match: LogMatch }[] {
  return lines
    .filter((one) => one.at >= endedAt - LAST_WORDS_MS)
    .flatMap((line) => {
      const match = troubleOf(line);
      return match ? [{ line, match }] : [];
    })
    .toSorted((a, b) => weight(a) - weight(b))
    .slice(-LAST_WORDS);
}

function weight({ line, match }: { line: LogSignal; match: LogMatch }): number {
  const deadly = ["configuration", "exception", "out-of-memory"].includes(match.pattern) ? 2 : 0;
  return deadly + (line.level === "fatal" ? 4 : 0) + (match.strong ? 1 : 0);
}
