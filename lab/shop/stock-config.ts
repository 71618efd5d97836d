// config/stock.json: how long a replica of the stock keeps what was reserved.
import { readFileSync } from "node:fs";

export interface StockConfig {
  holdMinutes: number;
}

/** Throws an Error whose message begins with "config error". */
export function readStockConfig(path: string): StockConfig {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`config error in ${path}: it cannot be parsed`, { cause: error });
  }
  const { holdMinutes } = Object(read) as Partial<StockConfig>;
  if (typeof holdMinutes === "number" && holdMinutes > 0) return { holdMinutes };
  throw new Error(`config error in ${path}: invalid value for holdMinutes: it must be a number above 0`);
}
