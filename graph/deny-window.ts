// Whether a moment lies in a maintenance window, by the wall clock of the window's own time zone.
import type { DenyWindow } from "../domain/policy.ts";

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const DAY_MINUTES = 24 * 60;

/**
 * Start is inside, end is not; an end before the start wraps the week, an equal one covers all of it. Daylight saving
 * is left to Intl: the wall clock decides. Throws RangeError for a time zone that does not exist.
 */
export function inWindow(window: DenyWindow, now: number): boolean {
  const minute = minuteOfWeek(window.timezone, now);
  const { startMinute: start, endMinute: end } = window;
  if (start < end) return minute >= start && minute < end;
  return minute >= start || minute < end;
}

/** Minutes since Monday 00:00 on the wall clock of a time zone. */
export function minuteOfWeek(timezone: string, now: number): number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const parts = Object.fromEntries(format.formatToParts(now).map((one) => [one.type, one.value]));
  const day = WEEKDAYS.indexOf(String(parts["weekday"]));
  return day * DAY_MINUTES + Number(parts["hour"]) * 60 + Number(parts["minute"]);
}
