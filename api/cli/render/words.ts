// Numbers and times as a person reads them. Shares are truncated, never rounded: 84.999 % must not read 85 %.
import type { JsonObject } from "../../../domain/json.ts";
import type { IncidentRecord } from "../../../knowledge/records.ts";

/** 7935 → "79.35 %" */
export function percentOfBp(basisPoints: number): string {
  return `${points(basisPoints)} %`;
}

/** 7935 → "79.35" */
export function points(basisPoints: number): string {
  const whole = Math.trunc(Math.abs(basisPoints) / 100);
  const rest = String(Math.trunc(Math.abs(basisPoints)) % 100).padStart(2, "0");
  return `${basisPoints < 0 ? "−" : ""}${whole}.${rest}`;
}

/** 2750 → "+27.50" */
export function signedPoints(basisPoints: number): string {
  return basisPoints < 0 ? points(basisPoints) : `+${points(basisPoints)}`;
}

/** 0.875 → "87.50 %" */
export function percentOfRatio(ratio: number | null): string {
  return ratio === null ? "–" : percentOfBp(Math.trunc(ratio * 10_000 + 1e-6));
}

/** 412 → "412 ms", 3200 → "3.2 s", 125000 → "2 min 5 s" */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(Math.trunc(ms / 100) / 10).toString()} s`;
  const units: [number, string][] = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1_000, "s"],
  ];
  const parts = units.map(([size, unit], at) => {
    const bigger = units[at - 1]?.[0] ?? Infinity;
    return { n: Math.floor((ms % bigger) / size), unit };
  });
  const first = parts.findIndex(({ n }) => n > 0);
  return parts
    .slice(first, first + 2)
    .filter(({ n }) => n > 0)
    .map(({ n, unit }) => `${n} ${unit}`)
    .join(" ");
}

/** "part of inc_1: db has ended with code 137." */
export function partOfText({ id, title }: NonNullable<IncidentRecord["partOf"]>): string {
  return `part of ${id}: ${title}`;
}

/** "2026-11-21 08:19:59Z" */
export function moment(at: number | string | null): string {
  if (at === null) return "–";
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : `${date.toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** The moment that stands for "until resumed" (api/local-control.ts) is centuries away. */
const NEVER = Date.parse("9999-01-01T00:00:00Z");

/** "paused until 2026-11-21 08:19:59Z", "paused until it is resumed" */
export function pausedUntil(until: string): string {
  return `paused until ${Date.parse(until) > NEVER ? "it is resumed" : moment(until)}`;
}

/** "3 min ago", "in 27 min" */
export function distance(at: number, now: number): string {
  return at <= now ? `${span(now - at)} ago` : `in ${span(at - now)}`;
}

export function many(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}

/** a=1 b="x y" */
export function facts(values: JsonObject): string {
  return Object.entries(values)
    .map(
      ([name, value]) =>
        `${name}=${typeof value === "string" && /^\S+$/.test(value) ? value : JSON.stringify(value)}`,
    )
    .join(" ");
}

/** Cuts at `most` letters, with an ellipsis. */
export function short(text: string, most: number): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}
