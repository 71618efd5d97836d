// Commands that hold up all others: Redis is busy with a script, or does not answer while commands run for long.
import { only } from "../../domain/signal.ts";
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding } from "./make-finding.ts";
import { byProbe, trailing } from "./recent.ts";

const IN_A_ROW = 2;
/** Waiters by BLPOP and the like are how queues work; so many are most of all the server takes. */
const MOST_SHARE = 0.8;

export const blockedClients: Detector = (view) => {
  if (view.service.database?.kind !== "redis") return [];
  const busy = byProbe(only(view.signals, "probe"))
    .map((list) => trailing(list, (one) => one.failure === "busy"))
    .find((list) => list.length >= IN_A_ROW);
  const database = databaseView(view);
  const [blocked = 0, limit = Infinity] = [
    database?.number("blocked-clients"),
    database?.number("connection-limit"),
  ];
  if (busy === undefined && blocked / limit < MOST_SHARE) return [];
  return [
    makeFinding(view, {
      kind: "blocked-clients",
      since: busy?.[0]?.at ?? database?.last.at ?? view.now,
      severity: "critical",
      summary: busy
        ? `${view.service.name} is busy with a script and answers nobody else.`
        : `${blocked} clients of ${view.service.name} wait in blocking commands, of ${limit} that it accepts.`,
      facts: { busy: busy !== undefined, blocked, limit: Number.isFinite(limit) ? limit : null },
      signals: busy ?? database?.looks.slice(-2) ?? [],
    }),
  ];
};
