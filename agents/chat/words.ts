// Numbers, times and spans of the chat's answers, in a person's time zone.

/** 7935 → "79.35 %", truncated so that 84.999 never reads 85. */
export function percentOf(basisPoints: number): string {
  return `${pointsOf(basisPoints)} %`;
}

/** 2435 → "24.35" */
export function pointsOf(basisPoints: number): string {
  const whole = Math.trunc(Math.abs(basisPoints) / 100);
  const rest = String(Math.trunc(Math.abs(basisPoints)) % 100).padStart(2, "0");
  return `${basisPoints < 0 ? "-" : ""}${whole}.${rest}`;
}

/** 95000 → "1 min 35 s" */
export function spanText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const units: readonly (readonly [number, string])[] = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1_000, "s"],
  ];
  let left = Math.trunc(ms / 1_000) * 1_000;
  const parts = units.flatMap(([size, unit]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count > 0 ? [`${count} ${unit}`] : [];
  });
  return parts.slice(0, 2).join(" ");
}

/** "2026-01-09 02:20" */
export function momentText(at: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(at);
  const get = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return `${get("year")}-${get("month")}-${get("day")} ${get("hour")}:${get("minute")}`;
}

/** "a", "a and b", "a, b and c" */
export function joined(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}

/** "1 incident", "3 incidents" */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** One line of somebody else's words, cut, without what could command a terminal or a renderer. */
export function quoted(text: string, most = 240): string {
  const clean = text.replaceAll(/[\p{Cc}\s]+/gu, " ").trim();
  return clean.length > most ? `${clean.slice(0, most)}…` : clean;
}

/** A sentence's end, without doubling it. */
export function sentence(text: string): string {
  const clean = quoted(text, 500);
  return /[.!?…]$/.test(clean) ? clean : `${clean}.`;
}
