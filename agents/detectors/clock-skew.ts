// Clock skew: answers of a service carry another time than ours. Only told: whose clock is wrong cannot be seen from two,
// and setting a machine's clock is no repair of a service. Certificates, tokens and time limits suffer from it.
import { only } from "../../domain/signal.ts";
import type { Detector } from "../detector.ts";
import { makeFinding, seconds } from "./make-finding.ts";
import { byProbe, trailing } from "./recent.ts";

/** Below this an answer on its way and a header of whole seconds explain it. */
const SKEWED_MS = 10_000;
/** Tokens and signed requests are usually refused from five minutes on. */
const MUCH_MS = 60_000;
const IN_A_ROW = 3;

export const clockSkew: Detector = (view) =>
  byProbe(only(view.signals, "probe").filter((one) => one.clockOffsetMs !== undefined)).flatMap((list) => {
    const skewed = trailing(list, (one) => Math.abs(one.clockOffsetMs ?? 0) >= SKEWED_MS);
    const last = skewed.at(-1);
    if (last?.clockOffsetMs === undefined || skewed.length < IN_A_ROW) return [];
    const offsetMs = last.clockOffsetMs;
    return [
      makeFinding(view, {
        kind: "clock-skew" as const,
        since: skewed[0]?.at ?? view.now,
        severity: Math.abs(offsetMs) >= MUCH_MS ? "warning" : "info",
        summary: `The clock of ${view.service.name} is ${seconds(Math.abs(offsetMs))} ${offsetMs > 0 ? "ahead of" : "behind"} ours.`,
        facts: { probe: last.probe, offsetMs },
        signals: skewed,
        variant: last.probe,
      }),
    ];
  });
