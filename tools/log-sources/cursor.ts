// How a cursor moves on. Sources show events late (they are indexed, forwarded, batched), so at the head the last
// minute is always read again, and what was given out already is known by its id.
import { createHash } from "node:crypto";
import type { Json } from "../../domain/json.ts";
import type { Cursor, LogEvent, Poll } from "./log-source.ts";

export const OVERLAP_MS = 60_000;
/** In a flood the overlap gets shorter rather than the cursor longer: 30,000 short ids are half a megabyte. */
const MOST_IDS = 30_000;

export interface ReadPage {
  events: readonly LogEvent[];
  /** Everything before this time was read, as far as the source shows it now. Unix milliseconds. */
  readTo: number;
  /** The source has nothing newer to show. */
  head: boolean;
  /** The moment of which the page is a picture, where that is not now. Unix milliseconds. */
  shownAt?: number | undefined;
  /** Where an event stands in the source's own order, where that is not its time. Unix milliseconds. */
  standsAt?: ((event: LogEvent) => number) | undefined;
  place?: Json | undefined;
  note?: string | undefined;
}

export function advance(
  cursor: Cursor,
  page: ReadPage,
  { now, overlapMs = OVERLAP_MS }: { now: number; overlapMs?: number },
): Poll {
  const standsAt = page.standsAt ?? (({ ts }: LogEvent) => ts);
  const fresh = newIn(page.events, cursor.seen);
  const recheck = recheckFrom(cursor, page, (page.shownAt ?? now) - overlapMs);
  const again = Math.min(recheck ?? page.readTo, page.readTo - overlapMs);
  const all = [...cursor.seen, ...fresh.map((one): Seen => [standsAt(one), shortId(one.rawId)])];
  const { seen, forgotten } = bounded(all.filter(([at]) => at >= again).sort(byTime), page.readTo);
  const begin = Math.max(cursor.begin, forgotten + 1);
  const nextCursor: Cursor = {
    from: Math.max(begin, page.head ? again : page.readTo),
    begin,
    seen,
    // Below the head nothing is read twice: reading must get on. What came late is found when the head is reached.
    ...(page.head || recheck === undefined ? {} : { recheck }),
    ...(page.place === undefined ? {} : { place: page.place }),
  };
  return {
    events: fresh,
    nextCursor,
    lagMs: Math.max(0, now - page.readTo),
    more: !page.head,
    ...(page.note === undefined ? {} : { note: page.note }),
  };
}

/** From when on events may still become visible in what was read since the head was last reached. */
function recheckFrom(cursor: Cursor, { readTo }: ReadPage, settledTo: number): number | undefined {
  if (readTo <= settledTo) return cursor.recheck;
  return Math.min(cursor.recheck ?? readTo, Math.max(cursor.from, settledTo));
}

type Seen = Cursor["seen"][number];

function newIn(events: readonly LogEvent[], seen: Cursor["seen"]): LogEvent[] {
  const known = new Set(seen.map(([, id]) => id));
  const fresh = events.filter(({ rawId }) => {
    const id = shortId(rawId);
    if (known.has(id)) return false;
    known.add(id);
    return true;
  });
  return fresh.sort((a, b) => a.ts - b.ts || (a.rawId < b.rawId ? -1 : 1));
}

/** What is forgotten is never read again, so it cannot come twice; ids at the place of reading are always kept. */
function bounded(seen: Seen[], readTo: number): { seen: Seen[]; forgotten: number } {
  const last = seen.at(-MOST_IDS - 1)?.[0];
  if (last === undefined) return { seen, forgotten: Number.NEGATIVE_INFINITY };
  const forgotten = Math.min(last, readTo - 1);
  return { seen: seen.filter(([at]) => at > forgotten), forgotten };
}

function byTime([a]: Seen, [b]: Seen): number {
  return a - b;
}

/** 72 bits: one collision is expected among 10^10 events that are compared with a full cursor. */
function shortId(rawId: string): string {
  return createHash("sha1").update(rawId).digest("base64url").slice(0, 12);
}
