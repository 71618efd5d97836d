// Logs that are posted to us: NDJSON or a JSON array of records, gzip or not. Decoding only; whether there is room is
// the intake's word. A request is understood whole or refused whole.
import { contentId, type RawEvent } from "./log-event.ts";
import { eventOfFields, type Fields, hasOwnTime } from "./fields.ts";
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
  const { values } = records;
  if (values.length > MOST_RECORDS) return refused(413, `more than ${MOST_RECORDS} records in one request`);
  const bad = values.findIndex((one) => !isRecord(one));
  if (bad !== -1) return refused(400, `record ${bad + 1} is no JSON object`);
  const ids = idsByContent();
  // Without a time of its own, the same text a second later is another event, not the same request once more.
  const idOf = (fields: Fields) => ids(hasOwnTime(fields) ? fields : { ...fields, receivedAt: now });
  const events = (values as Fields[]).map((fields) =>
    eventOfFields(fields, { rawId: idOf(fields), ts: now }),
  );
  return { status: "ok", events };
}

function recordsOf(text: string): Decoded<{ values: unknown[] }> {
  const trimmed = text.trim();
  if (trimmed === "") return { status: "ok", values: [] };
  if (trimmed.startsWith("[")) {
    const all = parsed(trimmed);
    return Array.isArray(all) ? { status: "ok", values: all } : refused(400, "the body is no JSON array");
  }
  // One object over several lines is no NDJSON, and still clear.
  const one = trimmed.startsWith("{") ? parsed(trimmed) : undefined;
  if (isRecord(one)) return { status: "ok", values: [one] };
  const lines = trimmed.split("\n").filter((line) => line.trim() !== "");
  const values = lines.map(parsed);
  const bad = values.indexOf(undefined);
  return bad === -1 ? { status: "ok", values } : refused(400, `line ${bad + 1} is no JSON`);
}

/** A request that is sent again after a lost answer has the same ids; equal records within one are told apart. */
export function idsByContent(): (record: Fields) => string {
  const counts = new Map<string, number>();
  return (record) => {
    const id = contentId(JSON.stringify(record));
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
