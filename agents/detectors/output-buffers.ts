// Output buffers: a client of Redis reads more slowly than it is answered, and its answers pile up in the server.
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding } from "./make-finding.ts";

const MEGABYTE = 1024 * 1024;
const FEWEST_BYTES = 32 * MEGABYTE;
/** Of the memory that it may use. */
const SHARE = 0.2;
const WINDOW_MS = 10 * 60_000;

export const outputBuffers: Detector = (view) => {
  const database = databaseView(view);
  const bytes = database?.number("output-buffer-bytes") ?? 0;
  const cut = database?.rise("output-buffer-cuts", WINDOW_MS) ?? 0;
  const limit = database?.number("memory-limit-bytes") ?? Number.POSITIVE_INFINITY;
  const much = bytes >= Math.min(FEWEST_BYTES, Math.max(MEGABYTE, limit * SHARE));
  if (database === undefined || (!much && cut === 0)) return [];
  return [
    makeFinding(view, {
      kind: "output-buffers",
      since: database.held("output-buffer-bytes", (value) => value >= MEGABYTE)[0]?.at ?? view.now,
      severity: "warning",
      summary: `A client of ${view.service.name} has ${Math.round(bytes / MEGABYTE)} MB of answers that it did not read${cut > 0 ? `; ${cut} were cut off for that` : ""}.`,
      facts: { bytes, cut },
      signals: database.looks.slice(-3),
    }),
  ];
};
