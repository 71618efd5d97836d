// Connections: nearly all places of a database are taken, in two looks in a row, or it refuses connections for that
// reason. Many sessions are no trouble as long as there is room.
import { only } from "../../domain/signal.ts";
import type { Detector, View } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding, percent } from "./make-finding.ts";
import { byProbe, recent, trailing } from "./recent.ts";

const WARNING = 0.85;
const CRITICAL = 0.95;
const IN_A_ROW = 2;

export const connections: Detector = (view) => {
  const { service } = view;
  const refused = refusals(view);
  const database = databaseView(view);
  const used = database?.number("connections");
  const limit = database?.number("connection-limit");
  const high = database?.held("connections", (value, look) => value / limitIn(look) >= WARNING) ?? [];
  if (refused.length < IN_A_ROW && high.length < IN_A_ROW) return [];
  const value = used === undefined || limit === undefined ? 1 : used / limit;
  const full =
    refused.length >= IN_A_ROW || high.filter((one) => shareIn(one) >= CRITICAL).length >= IN_A_ROW;
  const numbers = used === undefined ? "" : ` (${used} of ${limit ?? "?"})`;
  return [
    makeFinding(view, {
      kind: "connections",
      since: Math.min(refused[0]?.at ?? view.now, high[0]?.at ?? view.now),
      severity: full ? "critical" : "warning",
      summary: full
        ? `${service.name} has no connection left to give${numbers}.`
        : `${service.name} has given ${percent(value)} of its connections${numbers}.`,
      facts: {
        value,
        used: used ?? null,
        limit: limit ?? null,
        idleInTransaction: database?.number("idle-in-transaction") ?? null,
        refused: refused.length,
      },
      signals: [...refused, ...high],
    }),
  ];
};

function refusals(view: View) {
  if (view.service.database === undefined || recent(view).running === false) return [];
  const failing = byProbe(only(view.signals, "probe")).map((list) =>
    trailing(list, (one) => one.failure === "too-many-connections"),
  );
  return failing.toSorted((a, b) => b.length - a.length)[0] ?? [];
}

type Look = { numbers: Partial<Record<string, number>> };

const limitIn = ({ numbers }: Look): number => numbers["connection-limit"] ?? Number.POSITIVE_INFINITY;
const shareIn = (look: Look): number => (look.numbers["connections"] ?? 0) / limitIn(look);
