// config/web.json: every wrong value is refused with a sentence that says which and why.
import { readFileSync } from "node:fs";

export interface WebConfig {
  currency: string;
  /** How long a price of the partner is used before it is asked for again. */
  cacheTtlMs: number;
  upstreamTimeoutMs: number;
  /** Checkouts at the same time. */
  workers: number;
}

const numbers = { cacheTtlMs: [100, 86_400_000], upstreamTimeoutMs: [10, 60_000], workers: [1, 64] } as const;

/** Throws an Error whose message begins with "config error". */
export function readWebConfig(path: string): WebConfig {
  const fields = parse(path);
  for (const key of Object.keys(fields)) {
    if (key !== "currency" && !Object.hasOwn(numbers, key)) throw refusal(path, `unknown key ${key}`);
  }
  const whole = (key: keyof typeof numbers): number => {
    const value = fields[key];
    const [least, most] = numbers[key];
    if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return Number(value);
    const given = value === undefined ? "nothing" : JSON.stringify(value);
    throw refusal(path, `invalid value for ${key}: ${given} is not a whole number from ${least} to ${most}`);
  };
  if (typeof fields["currency"] !== "string") throw refusal(path, "missing required key currency");
  return {
    currency: fields["currency"],
    cacheTtlMs: whole("cacheTtlMs"),
    upstreamTimeoutMs: whole("upstreamTimeoutMs"),
    workers: whole("workers"),
  };
}

function parse(path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw refusal(path, `cannot parse it: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw refusal(path, "it is not an object");
}

function refusal(path: string, why: string): Error {
  return new Error(`config error in ${path}: ${why}`);
}
