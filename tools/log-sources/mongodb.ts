// Logs that applications write into a MongoDB collection: its change stream where there is a replica set, otherwise
// by _id or a time field. A change stream begins after a scan, and falls back to one when its history is lost.
// https://www.mongodb.com/docs/manual/changeStreams/
import { z } from "zod";
import type { Clock } from "../../domain/clock.ts";
import { jsonObjectSchema } from "../../domain/json.ts";
import { advance, type ReadPage } from "./cursor.ts";
import { eventOfFields } from "./fields.ts";
import { type RawEvent, toEvents } from "./log-event.ts";
import type { Cursor, LogEvent, LogSource } from "./log-source.ts";
import { isHistoryLost, isLostForGood, mongoError } from "./mongodb-errors.ts";
import { type LogDocument, type MongoCollection, openMongo } from "./mongodb-collection.ts";
import { withinLimit } from "../time-limit.ts";

export interface MongoSettings {
  name: string;
  /** mongodb:// or mongodb+srv://; the user needs no more than the role "read". */
  url: string;
  /** "database.collection", or the collection alone where the address names the database. */
  collection: string;
  mode?: "changeStream" | "poll";
  /** A field with dates and an index, to scan by; needed where _id is no ObjectId. */
  timeField?: string | undefined;
  /** Names the service of a document, where it is none of the usual fields. */
  serviceField?: string | undefined;
  clock: Clock;
  timeoutMs?: number;
  pageSize?: number;
}

/** Scanning: behind which document the page before ended. With a token: the stream goes on from there when the scan is done. */
const placeSchema = z.object({
  scanning: z.boolean(),
  after: z.string().optional(),
  token: jsonObjectSchema.optional(),
});
type Place = z.infer<typeof placeSchema>;

interface Read {
  documents: LogDocument[];
  readTo: number;
  head: boolean;
  place: Place | undefined;
  note?: string;
}

export function mongoSource(settings: MongoSettings): LogSource {
  const { name, mode = "changeStream", clock, timeoutMs = 30_000, pageSize = 1_000 } = settings;
  let open: MongoCollection | undefined;

  async function poll(
    cursor: Cursor,
    logs: MongoCollection,
    now: number,
    signal: AbortSignal,
  ): Promise<Read> {
    const stored = placeSchema.safeParse(cursor.place);
    const place = stored.success ? stored.data : undefined;
    if (mode === "poll" || place === undefined || place.scanning)
      return scan(cursor, place, logs, now, signal);
    try {
      return await stream(place, logs, now, signal);
    } catch (error) {
      if (!isHistoryLost(error)) throw error;
      const note = "the change stream lost its history; what came meanwhile is scanned";
      return { documents: [], readTo: cursor.from, head: false, place: { scanning: true }, note };
    }
  }

  async function scan(
    { from }: Cursor,
    place: Place | undefined,
    logs: MongoCollection,
    now: number,
    signal: AbortSignal,
  ): Promise<Read> {
    const documents = await logs.since({ from, after: place?.after, limit: pageSize }, signal);
    const last = documents.at(-1);
    if (documents.length >= pageSize && last !== undefined) {
      const readTo = Math.max(from, last.standsAt);
      return { documents, readTo, head: false, place: { ...place, scanning: true, after: last.place } };
    }
    if (mode === "poll") return { documents, readTo: now, head: true, place: undefined };
    // The stream begins first, and what was inserted until then is scanned after it: nothing falls between.
    const { token } = place ?? {};
    if (token !== undefined) return { documents, readTo: now, head: true, place: { scanning: false, token } };
    const begin = await logs.streamToken(signal);
    return { documents, readTo: now, head: true, place: { scanning: true, token: begin } };
  }

  async function stream(
    { token }: Place,
    logs: MongoCollection,
    now: number,
    signal: AbortSignal,
  ): Promise<Read> {
    const { documents, next, end } = await logs.changes({ token, limit: pageSize }, signal);
    const last = documents.at(-1);
    const readTo = end || last === undefined ? now : Math.min(now, last.standsAt);
    return { documents, readTo, head: end, place: { scanning: false, token: next } };
  }

  return {
    name,
    async poll(cursor, signal) {
      const now = clock.now();
      const read = await withinLimit(timeoutMs, signal, async (stop) => {
        open ??= openMongo(settings, timeoutMs);
        return await poll(cursor, open, now, stop);
      }).catch(async (error: unknown) => {
        // A connection on which an answer may still come is of no use to the next question.
        if (isLostForGood(error) || signal.aborted) await drop();
        signal.throwIfAborted();
        throw mongoError(error, timeoutMs);
      });
      const events = await toEvents(
        read.documents.map((one) => eventOf(one, settings)),
        { source: name, ingestTs: now },
      );
      const page = advance(cursor, pageOf(read, events), { now });
      // Between scan and stream there is no pause.
      return { ...page, more: page.more || read.place?.scanning === true };
    },
    close: drop,
  };

  async function drop(): Promise<void> {
    const old = open;
    open = undefined;
    await old?.close();
  }
}

/** Documents are known by when their id was made: a time in the document may be any. */
function pageOf({ documents, readTo, head, place, note }: Read, events: LogEvent[]): ReadPage {
  const places = new Map(documents.map(({ id, standsAt }) => [id, standsAt]));
  const kept = place && { ...place, token: place.token ?? null, after: place.after ?? null };
  return {
    events,
    readTo,
    head,
    standsAt: ({ rawId, ts }) => places.get(rawId) ?? ts,
    place: kept && Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== null)),
    note,
  };
}

function eventOf({ id, standsAt, fields }: LogDocument, { serviceField }: MongoSettings): RawEvent {
  const { _id: _, ...rest } = fields;
  return eventOfFields(rest, { rawId: id, ts: standsAt, serviceField });
}
