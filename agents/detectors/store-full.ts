// Store full: Redis has used all memory that it may, and evicts nothing, so that it refuses writes: it is told so, or it may
// evict only keys that expire and holds none.
import { mayEvict } from "../../domain/database.ts";
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding, percent } from "./make-finding.ts";

const WARNING = 0.9;
const WINDOW_MS = 5 * 60_000;

export const storeFull: Detector = (view) => {
  const database = databaseView(view);
  const [used, limit] = [database?.number("memory-bytes"), database?.number("memory-limit-bytes")];
  if (database === undefined || used === undefined || limit === undefined) return [];
  if (mayEvict(database.word("eviction-policy"), database.number("expiring-keys")) !== false) return [];
  const share = used / limit;
  const refused = database.rise("refused-writes", WINDOW_MS) ?? 0;
  if (share < WARNING) return [];
  const full = share >= 1 || refused > 0;
  return [
    makeFinding(view, {
      kind: "store-full",
      since: database.held("memory-bytes", (value) => value / limit >= WARNING)[0]?.at ?? view.now,
      severity: full ? "critical" : "warning",
      summary: `${view.service.name} uses ${percent(share)} of the memory that it may use, and evicts nothing${refused > 0 ? `: ${refused} writes were refused` : ""}.`,
      facts: { share, usedBytes: used, limitBytes: limit, refused },
      signals: database.looks.slice(-3),
    }),
  ];
};
