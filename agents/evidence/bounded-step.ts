// Moves one number by a bounded step, in the words that the file uses: 0.8 becomes 1.2, "800ms" becomes "1200ms".
import type { Json } from "../../domain/json.ts";

/** A fix moves a number by half of itself, never to a value of its own invention. */
export const STEP = 1.5;

const NUMBER_WITH_UNIT = /^(\d{1,12}(?:\.\d{1,6})?)(\s?(?:ms|s|sec|seconds|m|min|minutes)?)$/i;

export interface Quantity {
  amount: number;
  /** As written, "" for a bare number. */
  unit: string;
  /** A number in the file, or a text that holds one. */
  asText: boolean;
}

/** undefined for what is no positive number. */
export function quantityOf(value: Json): Quantity | undefined {
  if (typeof value === "number") return value > 0 ? { amount: value, unit: "", asText: false } : undefined;
  const match = typeof value === "string" ? NUMBER_WITH_UNIT.exec(value.trim()) : null;
  const amount = Number(match?.[1] ?? 0);
  return amount > 0 ? { amount, unit: match?.[2] ?? "", asText: true } : undefined;
}

/** The next value up or down, of the same type and unit; undefined when no step is left. */
export function step(value: Json, direction: "raise" | "lower"): Json | undefined {
  const quantity = quantityOf(value);
  if (!quantity) return undefined;
  const amount = Number.isInteger(quantity.amount)
    ? wholeStep(quantity.amount, direction)
    : Number((direction === "raise" ? quantity.amount * STEP : quantity.amount / STEP).toPrecision(4));
  if (amount <= 0) return undefined;
  return quantity.asText ? `${amount}${quantity.unit}` : amount;
}

// Never beyond the factor, unless a whole number could not move at all.
function wholeStep(amount: number, direction: "raise" | "lower"): number {
  return direction === "raise"
    ? Math.max(Math.floor(amount * STEP), amount + 1)
    : Math.min(Math.ceil(amount / STEP), amount - 1);
}

/** Milliseconds that a setting means: by the unit of its value, else of its name, else by its size. */
export function millisecondsOf(name: string, value: Json): number | undefined {
  const quantity = quantityOf(value);
  if (!quantity) return undefined;
  const unit = quantity.unit.trim().toLowerCase() || unitOfName(name);
  if (unit === "ms") return quantity.amount;
  if (unit.startsWith("s")) return quantity.amount * 1_000;
  if (unit.startsWith("m")) return quantity.amount * 60_000;
  return quantity.amount < 60 ? quantity.amount * 1_000 : quantity.amount;
}

function unitOfName(name: string): string {
  if (/(?:ms|millis(?:econds)?)$/i.test(name)) return "ms";
  if (/(?:_s|secs?|seconds)$/i.test(name)) return "s";
  return /(?:mins?|minutes)$/i.test(name) ? "m" : "";
}
