// Heartbeat lost: a line that came like clockwork no longer comes, though the service runs. Only told: that something
// is silent says neither why nor what would help.
import type { Detector } from "../detector.ts";
import { makeFinding, seconds } from "./make-finding.ts";
import { recent } from "./recent.ts";

const SHOWN = 3;

export const heartbeatLost: Detector = (view) => {
  const { running, since } = recent(view);
  if (running !== true) return [];
  // What an earlier instance wrote, this one need not write.
  const silent = view.patterns.filter((one) => one.silentMs !== undefined && one.lastSeen >= since);
  const longest = silent.toSorted((a, b) => (b.silentMs ?? 0) - (a.silentMs ?? 0)).slice(0, SHOWN);
  if (longest.length === 0) return [];
  const said = longest.map((one) => `“${one.template}” for ${seconds(one.silentMs ?? 0)}`);
  return [
    makeFinding(view, {
      kind: "heartbeat-lost",
      since: Math.min(...longest.map((one) => one.lastSeen)),
      severity: "info",
      summary: `Came regularly and no longer comes: ${said.join(", ")}.`,
      facts: { patterns: longest.map((one) => one.template), silentMs: longest[0]?.silentMs ?? null },
      signals: [],
      words: longest.map((one) => one.template).join(" "),
    }),
  ];
};
