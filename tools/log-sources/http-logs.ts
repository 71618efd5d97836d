// Logs that are posted to us: NDJSON or a JSON array of records, gzip or not. Decoding only; whether there is room is
// the intake's word. A request is understood whole or refused whole.
import { hash } from "node:crypto";
import type { RawEvent } from "./log-event.ts";
import { eventOfFields, type Fields } from "./fields.ts";
import { unzipped } from "./unzipped.ts";

export interface PostedBody {
  body: Buffer;
  contentType?: string | undefined;
  contentEncoding?: string | undefined;
}

export type Decoded<T> =
  | ({ status: "ok" } & T)
  | { status: "refused"; http: 400 | 413 | 415; reason: string };

/** Of the unpacked body. */
export const LARGEST_POST_BYTES = 4 * 1024 * 1024;
const MOST_RECORDS = 10_000;

/** `now` is the time of records that have none, Unix milliseconds. */
export async function decodePostedLogs(
  posted: PostedBody,
  { now }: { now: number },
): Promise<Decoded<{ events: RawEvent[] }>> {
  const unpacked = await unzipped(posted.body, posted.contentEncoding, LARGEST_POST_BYTES);
  if (unpacked.status === "refused") return unpacked;
  const records = recordsOf(unpacked.body.toString("utf8"));
  if (records.status === "refused") return records;
  if (records.all.length > MOST_RECORDS)
    return refused(413, `more than ${MOST_RECORDS} records in one request`);
  const bad = records.all.findIndex(({ value }) => !isRecord(value));
  if (bad !== -1) return refused(400, `record ${bad + 1} is no JSON object`);
  const ids = idsByContent();
  const events = records.all.map(({ value, written }) =>
    eventOfFields(value as Fields, {
      // Without a time of its own, the same text a second later is another event, not the same request once more.
      rawId: (hasTime) => ids(hasTime ? written : `${now} ${written}`),
      ts: now,
    }),
  );
  return { status: "ok", events };
}

/** A record, and the text that tells it from others. */
interface PostedRecord {
  value: unknown;
  written: string;
}

function recordsOf(text: string): Decoded<{ all: PostedRecord[] }> {
  const trimmed = text.trim();
  if (trimmed === "") return { status: "ok", all: [] };
  if (trimmed.startsWith("[")) {
    const all = parsed(trimmed);
    if (!Array.isArray(all)) return refused(400, "the body is no JSON array");
    return { status: "ok", all: all.map((value: unknown) => ({ value, written: JSON.stringify(value) })) };
  }
  const lines = trimmed.split("\n").filter((line) => line.trim() !== "");
  const all = lines.map((written) => ({ value: parsed(written), written }));
  const bad = all.findIndex(({ value }) => value === undefined);
  if (bad === -1) return { status: "ok", all };
  // One object over several lines is no NDJSON, and still clear.
  const one = parsed(trimmed);
  if (isRecord(one)) return { status: "ok", all: [{ value: one, written: trimmed }] };
  return refused(400, `line ${bad + 1} is no JSON`);
}

/**
 * A request that is sent again after a lost answer has the same ids; equal records within one are told apart. Nobody
 * gains by a collision, so the quickest hash does.
 */
export function idsByContent(): (content: string) => string {
  const counts = new Map<string, number>();
  return (content) => {
    const id = hash("sha1", content, "base64url");
    const count = counts.get(id) ?? 0;
    counts.set(id, count + 1);
    return count === 0 ? id : `${id}.${count}`;
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(http: 400 | 413 | 415, reason: string) {
  return { status: "refused" as const, http, reason };
}
