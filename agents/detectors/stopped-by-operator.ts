// Stopped by its operator: shown, and left alone. One that was made and never started is left alone, too, but a person is
// told after a while: compose gives up waiting for what it depends on, and leaves it so without another word.
import type { StateSignal } from "../../domain/signal.ts";
import type { Detector, View } from "../detector.ts";
import { makeFinding, seconds } from "./make-finding.ts";
import { recent } from "./recent.ts";

/** As long as compose may wait for the dependencies. */
const FORGOTTEN_MS = 5 * 60_000;

export const stoppedByOperator: Detector = (view) => {
  const { state, running } = recent(view);
  if (!state?.stoppedByOperator || running) return [];
  const made = state.status === "created" ? (state.createdAt ?? state.at) : undefined;
  const forgotten = made !== undefined && view.now - made >= FORGOTTEN_MS;
  return [
    makeFinding(view, {
      kind: "stopped-by-operator",
      since: made ?? state.finishedAt ?? state.at,
      severity: forgotten ? "warning" : "info",
      summary:
        made === undefined
          ? `${view.service.name} was stopped by its operator, and is left alone.`
          : unstarted(view, made),
      facts: { status: state.status },
      signals: [state],
      variant: state.status === "created" ? "created" : "",
    }),
  ];
};

function unstarted({ service, now }: View, made: StateSignal["at"]): string {
  return `${service.name} was made ${seconds(now - made)} ago and was never started; it is left alone.`;
}
