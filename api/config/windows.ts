// Weekly windows in which nothing is repaired: "Fri 16:00-Mon 08:00", or every day "22:00-06:00".
import type { DenyWindow } from "../../domain/policy.ts";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;
const WINDOW =
  /^(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\s+)?(\d{1,2}):(\d{2})\s*-\s*(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\s+)?(\d{1,2}):(\d{2})$/;

/** A window without days is one for each day of the week. undefined when it cannot be read. */
export function parseWindow(text: string, timezone: string): DenyWindow[] | undefined {
  const [, fromDay, fromHour, fromMinute, toDay, toHour, toMinute] = WINDOW.exec(text) ?? [];
  const from = minuteOfDay(fromHour, fromMinute);
  const to = minuteOfDay(toHour, toMinute);
  if (from === undefined || to === undefined) return undefined;
  if (fromDay === undefined && toDay !== undefined) return undefined;
  if (fromDay === undefined)
    return DAYS.map((_, day) => window(text, timezone, day, from, to > from ? day : day + 1, to));
  const first = DAYS.indexOf(fromDay);
  const last = toDay === undefined ? (to > from ? first : first + 1) : DAYS.indexOf(toDay);
  return [window(text, timezone, first, from, last, to)];
}

function window(
  text: string,
  timezone: string,
  day: number,
  from: number,
  lastDay: number,
  to: number,
): DenyWindow {
  return {
    text,
    timezone,
    startMinute: (day * DAY_MINUTES + from) % WEEK_MINUTES,
    endMinute: (lastDay * DAY_MINUTES + to) % WEEK_MINUTES,
  };
}

function minuteOfDay(hour: string | undefined, minute: string | undefined): number | undefined {
  const total = Number(hour) * 60 + Number(minute);
  return Number(minute) < 60 && total <= DAY_MINUTES ? total : undefined;
}

/** Why a window cannot be used; undefined when it can. */
export function wrongWindow(text: string): string | undefined {
  const [first] = parseWindow(text, "UTC") ?? [];
  if (first === undefined)
    return `Not a window: ${JSON.stringify(text)}; write "Fri 16:00-Mon 08:00" or "22:00-06:00"`;
  if (first.startMinute === first.endMinute) return `The window ${JSON.stringify(text)} ends where it begins`;
  return undefined;
}

/** A name of the IANA time zone database that this Node knows; offsets such as +01:00 have no summer time. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
