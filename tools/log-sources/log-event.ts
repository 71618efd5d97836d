// The one door from what a source says to a log event: secrets masked, long texts cut, levels in our words.
// Nothing reaches the store or a model around it.
import { hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { canonicalJson, type Json } from "../../domain/json.ts";
import { levelOfField } from "../../domain/log-level.ts";
import { withoutSecrets, withoutSecretsIn } from "../../domain/mask-secrets.ts";
import type { LogEvent } from "./log-source.ts";

export interface RawEvent {
  ts: number;
  service?: string | undefined;
  /** A word, or a number on the scale of RFC 5424 (0 emergency to 7 debug). */
  level?: string | number | undefined;
  message: string;
  attrs?: Record<string, unknown> | undefined;
  traceId?: string | undefined;
  rawId: string;
}

export const LONGEST_MESSAGE_BYTES = 32_000;
/** A UTF-16 unit has at most three bytes in UTF-8. */
const SURELY_FITS_CHARS = LONGEST_MESSAGE_BYTES / 3;
const NOTICE_BYTES = 40;
const LONGEST_ATTRS_BYTES = 8_000;
const LONGEST_NAME_CHARS = 200;
/** Masking so many characters takes a few milliseconds; then others get their turn. */
const CHARS_A_TURN = 128 * 1024;

/** Gives the event loop a turn now and then: a flood of long lines must not delay the healing. */
export async function toEvents(
  raws: readonly RawEvent[],
  { source, ingestTs }: Pick<LogEvent, "source" | "ingestTs">,
): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  let chars = 0;
  for (const raw of raws) {
    events.push(toEvent(raw, { source, ingestTs }));
    chars += Math.min(raw.message.length, LONGEST_MESSAGE_BYTES * 2) + 200;
    if (chars < CHARS_A_TURN) continue;
    chars = 0;
    await setImmediate();
  }
  return events;
}

export function toEvent(
  raw: RawEvent,
  { source, ingestTs }: Pick<LogEvent, "source" | "ingestTs">,
): LogEvent {
  return {
    ts: raw.ts,
    ingestTs,
    source,
    service: (raw.service ?? "").slice(0, LONGEST_NAME_CHARS),
    level: levelOfField(raw.level),
    message: cleanMessage(raw.message),
    attrs: cleanAttrs(raw.attrs ?? {}),
    traceId: raw.traceId === "" ? undefined : raw.traceId?.slice(0, LONGEST_NAME_CHARS),
    rawId: raw.rawId,
  };
}

/** The id of an event whose source gives none: equal content has an equal id. */
export function contentId(...parts: Json[]): string {
  return hash("sha256", canonicalJson(parts), "base64url").slice(0, 24);
}

/** Masked before the last cut, so that no secret is cut in two; but nobody masks a megabyte. */
function cleanMessage(text: string): string {
  const looked = text.slice(0, LONGEST_MESSAGE_BYTES * 2);
  const masked = withoutSecrets(looked);
  if (masked.length <= SURELY_FITS_CHARS && looked.length === text.length) return masked;
  const short = cutTo(masked, LONGEST_MESSAGE_BYTES - NOTICE_BYTES);
  const whole = looked.length === text.length && Buffer.byteLength(masked) <= LONGEST_MESSAGE_BYTES;
  return whole ? masked : `${short} … [cut, ${text.length} characters]`;
}

function cutTo(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  // A character that was cut in two becomes a replacement character, which has three bytes of its own.
  return Buffer.from(text)
    .subarray(0, bytes)
    .toString("utf8")
    .replace(/\uFFFD$/, "");
}

function cleanAttrs(attrs: Record<string, unknown>): Record<string, Json> {
  const plain = plainOf(attrs);
  const kept: Record<string, Json> = {};
  let bytes = 0;
  for (const key of Object.keys(plain)) {
    const value = plain[key] ?? null;
    const size = key.length + sizeOf(value);
    if (bytes + size > LONGEST_ATTRS_BYTES) continue;
    bytes += size;
    kept[key] = withoutSecretsIn(value, key);
  }
  return kept;
}

/** About what it takes as JSON. */
function sizeOf(value: Json): number {
  return typeof value === "object" ? JSON.stringify(value).length : String(value).length;
}

/** What JSON would keep of it: dates and ids as text, functions and undefined not at all. */
function plainOf(attrs: Record<string, unknown>): Record<string, Json> {
  if (Object.keys(attrs).every((key) => isPlain(attrs[key]))) return attrs as Record<string, Json>;
  return JSON.parse(
    JSON.stringify(attrs, (_, one: unknown) => (typeof one === "bigint" ? one.toString() : one)),
  ) as Record<string, Json>;
}

function isPlain(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean" || value === null || Number.isFinite(value);
}
