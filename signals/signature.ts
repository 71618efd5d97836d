// Signatures: the same error has the same short hash, whatever numbers, ids, addresses and times it names. What
// differs from one occurrence to the next is taken out; what stays is the sentence that a programmer wrote.
import { createHash } from "node:crypto";

/** Beyond this a text tells nothing new about which error it is; also the bound on the work done. */
const TEXT_LIMIT = 4_000;
const HOLE = "<*>";

// One after the other, the greedy ones first. Every repetition is bounded or followed by something it cannot
// itself match, so that the time grows with the length of the text only.
const variable: readonly RegExp[] = [
  // Quoted words: names, keys, file names, values.
  /(?<!\w)"[^"\n]{0,300}"(?!\w)|(?<!\w)'[^'\n]{0,300}'(?!\w)|(?<!\w)`[^`\n]{0,300}[`'](?!\w)/g,
  // ISO 8601, and what logging libraries make of it.
  /\b\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?/g,
  // Syslog's and the day's own time.
  /\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2}(?: \d{2}:\d{2}:\d{2})?(?: \d{4})?\b/g,
  /\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?\b/g,
  // UUID (RFC 9562).
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
  // IPv6 in brackets or with at least three groups, IPv4; both with an optional port.
  /\[[0-9a-f:.]{2,45}\](?::\d{1,5})?|(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){0,7}(?![\w:])/gi,
  /\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?\b/g,
  // Memory addresses and long hexadecimal words (hashes, trace ids).
  /\b0x[0-9a-f]{1,32}\b/gi,
  /(?:(?<![\w.])[-+])?\b[0-9a-f]{8,128}\b/gi,
  // Words of letters and digits mixed: order-8f3a, req_7Hk2, pod names. Short ones (utf8, h2) are words.
  /(?<![\w-])(?=[\w-]{0,64}\d)(?=[\w-]{0,64}[a-z])[\w-]{6,128}(?![\w-])/gi,
  // Numbers, with sign, fraction, exponent and unit (durations, sizes, percentages).
  /(?<![\w.])[-+]?\d{1,40}(?:[.,]\d{1,40}){0,12}(?:e[-+]?\d{1,4})?(?: ?(?:%|ns|[uµm]s|s|secs?|seconds?|mins?|minutes?|hours?|h|d|days?|[kmgt]i?b|bytes|b)(?![\w]))?/gi,
  /\d{1,400}/g,
];

/** Neighbouring holes are one: a range, a version, a list of ids have as many parts as they like. */
const joinedHoles = /<\*>(?:[\s.,:;/_=+-]{0,3}<\*>)+/g;

/** The text with everything that varies replaced by `<*>`, in lower case, on one line. At most 4,000 characters are read. */
export function normalise(text: string): string {
  let result = text.slice(0, TEXT_LIMIT);
  for (const pattern of variable) result = result.replace(pattern, HOLE);
  return result.replace(joinedHoles, HOLE).replace(/\s+/g, " ").trim().toLowerCase();
}

/**
 * 16 hex digits of sha256 over service, kind and the normalised text. Of several texts neither order nor
 * repetition matters: logs arrive as they like.
 */
export function signatureOf(service: string, kind: string, text: string | readonly string[]): string {
  const texts = typeof text === "string" ? [text] : text;
  const parts = [...new Set(texts.map(normalise))].sort();
  // JSON keeps ("a", "b") and ("a b") apart.
  return createHash("sha256")
    .update(JSON.stringify([service, kind, ...parts]))
    .digest("hex")
    .slice(0, 16);
}
