// Times as people say them: "last night", "yesterday", "since Monday", "between 2 and 3 am", "in the last 2 hours".
// Clock and time zone are parameters; what is understood is a span of Unix ms.

export interface Span {
  from: number;
  to: number;
  /** The words that named it. */
  words: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const NIGHT_BEGINS = 20;
const NIGHT_ENDS = 7;
const UNITS: Readonly<Record<string, number>> = {
  minute: MINUTE,
  min: MINUTE,
  hour: HOUR,
  h: HOUR,
  day: DAY,
  week: 7 * DAY,
};
const NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const PARTS: Readonly<Record<string, readonly [number, number]>> = {
  morning: [5, 12],
  noon: [11, 14],
  afternoon: [12, 18],
  evening: [17, 24],
  night: [20, 31],
};

/** undefined: the text names no time. The latest past one that fits is meant. */
export function spanOf(text: string, now: number, timeZone: string): Span | undefined {
  const lower = text.toLowerCase();
  const local = makeLocal(now, timeZone);
  const clock = clockSpan(lower);
  // "monday morning at 3": the hour says it, whatever part of the day it is called.
  const day = dayOf(clock ? lower.replaceAll(/\b(morning|afternoon|evening|night)\b/g, " ") : lower, local);
  if (clock) return clockOn(clock, day, local);
  return day ?? lastFor(lower, now) ?? sinceOf(lower, local);
}

/** A day of the calendar, moved by days, at an hour, in the time zone. */
function makeLocal(now: number, timeZone: string) {
  const offset = (at: number): number => {
    const parts = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    }).formatToParts(at);
    const get = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0);
    const wall = Date.UTC(
      get("year"),
      get("month") - 1,
      get("day"),
      get("hour"),
      get("minute"),
      get("second"),
    );
    return wall - Math.trunc(at / 1_000) * 1_000;
  };
  const wall = new Date(now + offset(now));
  return {
    now,
    weekday: wall.getUTCDay(),
    hour: wall.getUTCHours(),
    /** Of today with 0; hours may exceed 24. */
    at(days: number, hours = 0, minutes = 0): number {
      const guess = Date.UTC(
        wall.getUTCFullYear(),
        wall.getUTCMonth(),
        wall.getUTCDate() + days,
        hours,
        minutes,
      );
      // Twice: around a change of the clock the first guess may use the other side's offset.
      const first = guess - offset(guess);
      return guess - offset(first);
    },
    date: (year: number, month: number, day: number, hours = 0): number => {
      const guess = Date.UTC(year, month - 1, day, hours);
      return guess - offset(guess - offset(guess));
    },
  };
}

type Local = ReturnType<typeof makeLocal>;

function dayOf(text: string, local: Local): Span | undefined {
  const { at, now, hour } = local;
  const ends = (to: number): number => Math.min(to, now);
  if (/\b(night|evening) before\b/.test(text))
    return { from: at(-2, NIGHT_BEGINS), to: ends(at(-1, NIGHT_ENDS)), words: "the night before last" };
  if (
    /\b(last nights?|overnight|tonight|(this|the|over|during|at) night|(during|in|over) the night|while (i|we) (slept|was asleep|were asleep|was sleeping|were sleeping)|since (i|we) went to bed)\b/.test(
      text,
    )
  ) {
    // In the small hours the night still goes on.
    const early = hour < NIGHT_ENDS ? 0 : -1;
    const tonight = /\btonight\b/.test(text) && hour >= NIGHT_BEGINS;
    const from = tonight ? at(0, NIGHT_BEGINS) : at(hour < NIGHT_ENDS ? -1 : early, NIGHT_BEGINS);
    return { from, to: ends(tonight ? now : at(0, NIGHT_ENDS)), words: "last night" };
  }
  const iso = /\b(\d{4})-(\d{2})-(\d{2})\b/.exec(text);
  if (iso) {
    const from = local.date(Number(iso[1]), Number(iso[2]), Number(iso[3]));
    return { from, to: ends(from + DAY), words: `on ${iso[0]}` };
  }
  const back = /\bday before yesterday\b/.test(text)
    ? -2
    : /\b(yesterday|yday)\b/.test(text)
      ? -1
      : /\btoday\b/.test(text)
        ? 0
        : undefined;
  if (back !== undefined)
    return partOf(text, back, local, ["today", "yesterday", "the day before yesterday"][-back] ?? "");
  if (/\bthis morning\b/.test(text)) return { from: at(0), to: ends(at(0, 12)), words: "this morning" };
  if (/\bthis (afternoon|evening)\b/.test(text)) return partOf(text, 0, local, "today");
  const two = new RegExp(
    `\\b(?:between|from) (${DAYS.join("|")}) (?:and|to|till|until|through) (${DAYS.join("|")})`,
  ).exec(text);
  if (two) return daysBetween(two, local);
  const named = new RegExp(`\\b(since |from |after )?(?:on )?(last )?(${DAYS.join("|")})`).exec(text);
  if (named) return weekdayOf(text, named, local);
  const monday = -((local.weekday + 6) % 7);
  if (/\b(this|the|current) week\b|\bso far\b|\bweekly\b/.test(text))
    return { from: at(monday), to: now, words: "this week" };
  if (/\blast weekend\b|\bthe weekend\b/.test(text))
    return { from: at(monday - 2), to: ends(at(monday)), words: "at the weekend" };
  if (/\blast week\b/.test(text)) return { from: at(monday - 7), to: at(monday), words: "last week" };
  return undefined;
}

/** Both days whole; the second is the latest one, the first the one before it. */
function daysBetween([words, first = "", second = ""]: RegExpExecArray, local: Local): Span {
  const end = -((local.weekday - DAYS.indexOf(second) + 7) % 7);
  const begin = end - ((DAYS.indexOf(second) - DAYS.indexOf(first) + 7) % 7);
  return { from: local.at(begin), to: Math.min(local.at(end + 1), local.now), words };
}

function weekdayOf(text: string, [, since, last, name = ""]: RegExpExecArray, local: Local): Span {
  const back = (local.weekday - DAYS.indexOf(name) + 7) % 7;
  const days = back === 0 && last !== undefined ? -7 : -back;
  const title = `${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`;
  if (since !== undefined) return { from: local.at(days), to: local.now, words: `since ${title}` };
  return partOf(text, days, local, `on ${title}`);
}

/** The whole day, or its morning, evening, … */
function partOf(text: string, days: number, local: Local, words: string): Span {
  const since = /\bsince (today|yesterday)\b/.test(text);
  const part = Object.keys(PARTS).find((one) => new RegExp(`\\b${one}\\b`).test(text));
  const [from, to] = (part === undefined ? undefined : PARTS[part]) ?? [0, 24];
  const end = since ? local.now : local.at(days, to);
  const named = part ? `${words} in the ${part}` : words;
  return {
    from: local.at(days, from),
    to: Math.min(end, local.now),
    words: since ? `since ${words}` : named,
  };
}

function lastFor(text: string, now: number): Span | undefined {
  if (/\b(lately|recently)\b/.test(text))
    return { from: now - 7 * DAY, to: now, words: "in the last 7 days" };
  const found =
    /\b(?:last|past|within|in the last|previous)\s+(\d{1,3}|an?|[a-z]+)?\s*(minute|min|hour|h|day|week)s?\b/.exec(
      text,
    ) ?? /\b(\d{1,3}|an?|[a-z]+)\s+(minute|min|hour|h|day|week)s?\s+ago\b/.exec(text);
  if (!found) return undefined;
  const [whole, count = "", unit = ""] = found;
  const size = UNITS[unit];
  const number = /^\d+$/.test(count)
    ? Number(count)
    : NUMBERS.includes(count)
      ? NUMBERS.indexOf(count)
      : count === "few" || count === "couple"
        ? 3
        : 1;
  if (size === undefined || number === 0) return undefined;
  const ago = /\bago$/.test(whole);
  const words = ago
    ? whole
    : `in the last ${number === 1 ? "" : `${number} `}${unit}${number === 1 ? "" : "s"}`;
  // "an hour ago" is no exact moment.
  const to = ago ? Math.min(now, now - number * size + size / 2) : now;
  return { from: now - number * size - (ago ? size / 2 : 0), to, words };
}

function sinceOf(text: string, { at, now }: Local): Span | undefined {
  const found = /\bsince (\d{1,2})(?::(\d{2}))?\s*(am|pm)?\b/.exec(text);
  if (!found) return undefined;
  const from = at(0, hourOf(Number(found[1]), found[3]), Number(found[2] ?? 0));
  return { from: from > now ? from - DAY : from, to: now, words: found[0] };
}

interface ClockSpan {
  from: [number, number];
  to: [number, number];
  words: string;
}

/** "between 2 and 3 am", "from 14:00 to 15:30", "at 9:40", "around 3pm" */
function clockSpan(text: string): ClockSpan | undefined {
  const time = String.raw`(\d{1,2})(?::(\d{2}))?\s*(am|pm|h|o'?clock)?`;
  const between = new RegExp(
    String.raw`\b(?:between|from)\s+${time}\s*(?:and|to|till|until|-)\s*${time}\b`,
  ).exec(text);
  if (between) {
    const [words, h1, m1, half1, h2, m2, half2] = between;
    const to = hourOf(Number(h2), half2);
    const from = hourOf(Number(h1), half1 ?? half2);
    return {
      from: [from > to && half1 === undefined ? Number(h1) : from, Number(m1 ?? 0)],
      to: [to, Number(m2 ?? 0)],
      words,
    };
  }
  const at =
    new RegExp(String.raw`\b(?:at|around|about)\s+(\d{1,2})(?::(\d{2})|\s*(am|pm))(?:\s*(am|pm))?\b`).exec(
      text,
    ) ?? /\b(\d{1,2})(?::(\d{2}))?\s*(am|pm)\b/.exec(text);
  if (!at) return undefined;
  const [words, hours, minutes, half, later] = at;
  const middle = hourOf(Number(hours), half ?? later) * 60 + Number(minutes ?? 0);
  return { from: exact(Math.max(0, middle - 30)), to: exact(middle + 30), words };
}

const exact = (total: number): [number, number] => [Math.floor(total / 60), total % 60];

/** On the day that was named, else the latest day on which it lies in the past. */
function clockOn({ from, to, words }: ClockSpan, day: Span | undefined, { at, now }: Local): Span {
  const over = to[0] * 60 + to[1] <= from[0] * 60 + from[1] ? 1 : 0;
  for (let days = 0; days >= -7; days -= 1) {
    const begin = at(days, ...from);
    const end = at(days + over, ...to);
    const inDay = day === undefined || (begin >= day.from && begin < day.to);
    if (begin <= now && inDay)
      return { from: begin, to: Math.min(end, now), words: day ? `${words} ${day.words}` : words };
  }
  return { from: at(0, ...from), to: at(over, ...to), words };
}

function hourOf(hour: number, half: string | undefined): number {
  if (half === "pm") return (hour % 12) + 12;
  return half === "am" ? hour % 12 : hour;
}
