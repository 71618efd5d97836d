// When a line says that it was written. For logs that are read later than they were written; a line that says nothing
// has no time, and none is guessed.

const isoTime =
  /^\W{0,3}(\d{4})[-/](\d\d)[-/](\d\d)[T ]+(\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?/;
/** "[01/Dec/2026:04:05:06 +0000]": access logs of nginx and Apache. */
const accessTime = /\[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})\]/;
/** "1234:M 01 Dec 2026 04:05:06.789": Redis. */
const redisTime = /^\d+:[XCSM] (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d)(?:\.(\d{3}))?/;
/** "Dec  1 04:05:06": syslog (RFC 3164) names no year. */
const yearlessTime = /^(?:<\d{1,3}>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d)/;
/** pino, bunyan, logstash, zap, structlog. */
const jsonTime = /"(?:time|ts|timestamp|@timestamp)"\s*:\s*(?:"([^"]{8,40})"|(\d{9,19}(?:\.\d+)?))/;
/** Beyond these a time belongs to the message. */
const HEAD_CHARS = 400;
const DAY_MS = 86_400_000;

/** Unix ms; undefined where the line begins with no time. A time without a zone is one of this machine. */
export function timeOfLine(line: string, now: number): number | undefined {
  const head = line.slice(0, HEAD_CHARS);
  return head.startsWith("{") ? timeInJson(head) : timeInText(head, now);
}

function timeInText(head: string, now: number): number | undefined {
  const iso = isoTime.exec(head);
  if (iso) {
    const [, year, month, day, time, fraction = "0", zone = ""] = iso;
    const milliseconds = fraction.slice(0, 3).padEnd(3, "0");
    return valid(`${year}-${month}-${day}T${time}.${milliseconds}${zoneOf(zone)}`);
  }
  const access = accessTime.exec(head);
  if (access) return valid(`${access[1]} ${access[2]} ${access[3]} ${access[4]} ${access[5]}`);
  const redis = redisTime.exec(head);
  if (redis) return valid(`${redis[1]} ${redis[2]} ${redis[3]} ${redis[4]}.${redis[5] ?? "0"}`);
  const yearless = yearlessTime.exec(head);
  return yearless ? inYear(`${yearless[1]} ${yearless[2]}`, yearless[3] ?? "", now) : undefined;
}

/** Of last year, where this year's day is still to come. */
function inYear(day: string, time: string, now: number): number | undefined {
  const year = new Date(now).getFullYear();
  return [year, year - 1]
    .map((one) => valid(`${day} ${one} ${time}`))
    .find((at) => (at ?? Infinity) < now + DAY_MS);
}

function timeInJson(head: string): number | undefined {
  const [, text, number] = jsonTime.exec(head) ?? [];
  if (text !== undefined) return valid(text);
  if (number === undefined) return undefined;
  const value = Number(number);
  const digits = Math.floor(value).toString().length;
  // Seconds have ten digits, milliseconds thirteen, and so on.
  return Math.floor(value * 10 ** (13 - (digits <= 10 ? 10 : digits <= 13 ? 13 : digits <= 16 ? 16 : 19)));
}

const zoneOf = (zone: string): string => (zone === "UTC" || zone === "GMT" ? "Z" : zone);

function valid(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
