// One syslog message: RFC 5424, the older BSD form (RFC 3164), and what devices send that holds neither. Pure; every
// text gives an event, since a line that is not understood is still a line.
import { timeOf } from "./fields.ts";
import type { RawEvent } from "./log-event.ts";

/** facility × 8 + severity, at most local7.debug */
const HIGHEST_PRIORITY = 191;
const facilities =
  "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 local3 local4 local5 local6 local7".split(
    " ",
  );

/** `now` is the time of messages without one, and tells the year of those that have none. Unix milliseconds. */
export function parseSyslog(text: string, { now, rawId }: { now: number; rawId: string }): RawEvent {
  const { priority, rest } = withoutPriority(text.replace(/[\r\n\0]+$/, ""));
  const read = readModern(rest, now) ?? readBsd(rest, now) ?? { ts: now, message: rest, attrs: {} };
  return {
    ...read,
    level: priority === undefined ? undefined : priority % 8,
    attrs: {
      ...(priority === undefined ? {} : { facility: facilities[Math.floor(priority / 8)] ?? "" }),
      ...read.attrs,
    },
    rawId,
  };
}

type Read = Pick<RawEvent, "ts" | "service" | "message" | "traceId"> & { attrs: Record<string, string> };

function withoutPriority(text: string): { priority: number | undefined; rest: string } {
  const [whole = "", digits] = /^<(\d{1,3})>/.exec(text) ?? [];
  const priority = Number(digits);
  if (digits === undefined || priority > HIGHEST_PRIORITY) return { priority: undefined, rest: text };
  return { priority, rest: text.slice(whole.length) };
}

/** VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID, each "-" when absent; then structured data and the message. */
const modern = /^1 (\S+) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,128}) (?=[[-])/;

function readModern(text: string, now: number): Read | undefined {
  const match = modern.exec(text);
  if (match === null) return undefined;
  const [whole, time, host, app, process, id] = match;
  const { data, rest } = structuredData(text.slice(whole.length));
  return {
    ts: timeOf(time) ?? now,
    service: present(app),
    // A byte order mark says that the message is UTF-8.
    message: rest.replace(/^ /, "").replace(/^\uFEFF/, ""),
    traceId: data["traceId"] ?? data["trace_id"],
    attrs: named({ host, process, id }, data),
  };
}

const element = /^\[([^\s=\]"]{1,32})((?: [^\s=\]"]{1,32}="(?:[^"\\\]]|\\.)*")*)\]/;
const parameter = / ([^\s=\]"]{1,32})="((?:[^"\\\]]|\\.)*)"/g;

function structuredData(text: string): { data: Record<string, string>; rest: string } {
  if (text.startsWith("-")) return { data: {}, rest: text.slice(1) };
  const data: Record<string, string> = {};
  let rest = text;
  for (let match = element.exec(rest); match !== null; match = element.exec(rest)) {
    for (const [, key = "", value = ""] of (match[2] ?? "").matchAll(parameter)) {
      data[key] = value.replace(/\\(["\\\]])/g, "$1");
    }
    rest = rest.slice(match[0].length);
  }
  return { data, rest };
}

/** Mar  1 12:00:00 host program[123]: message; many leave out the host, or write the time as ISO 8601. */
const bsd =
  /^(?:([A-Z][a-z]{2} [ \d]?\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?)|(\d{4}-\d\d-\d\dT\S{8,30})) (?:([\w.:-]{1,255}) )?(?:([\w./@-]{1,64})(?:\[(\w{1,32})\])?: ?)?/;

function readBsd(text: string, now: number): Read | undefined {
  const match = bsd.exec(text);
  if (match === null) return undefined;
  const [whole, day = "", iso, host, program, process] = match;
  return {
    ts: (iso === undefined ? timeWithoutYear(day, now) : timeOf(iso)) ?? now,
    service: program,
    message: text.slice(whole.length),
    attrs: named({ host, process }, {}),
  };
}

/** The sender's local time, of which we know nothing better than that it is ours; never far in the future. */
function timeWithoutYear(day: string, now: number): number | undefined {
  if (/^\w{3} [ \d]?\d \d{4} /.test(day)) return timeOf(new Date(day).getTime());
  const year = new Date(now).getFullYear();
  const [month, date, time] = day.split(/\s+/);
  const inYear = (one: number) => Date.parse(`${month} ${date} ${one} ${time}`);
  const ts = inYear(year) > now + 86_400_000 ? inYear(year - 1) : inYear(year);
  return Number.isNaN(ts) ? undefined : ts;
}

function named(
  fields: Record<string, string | undefined>,
  data: Record<string, string>,
): Record<string, string> {
  const own = Object.entries(fields).filter(
    (entry): entry is [string, string] => present(entry[1]) !== undefined,
  );
  return { ...data, ...Object.fromEntries(own) };
}

function present(text: string | undefined): string | undefined {
  return text === "-" || text === "" ? undefined : text;
}
