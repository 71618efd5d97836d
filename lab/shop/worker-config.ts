// config/worker.yaml: plain "key: value" lines with comments, so no parser is needed.
import { readFileSync } from "node:fs";

export interface WorkerConfig {
  delayMs: number;
  batchSize: number;
  checkoutEveryMs: number;
  timeoutMs: number;
}

const keys = ["delayMs", "batchSize", "checkoutEveryMs", "timeoutMs"] as const;

/** Throws an Error whose message begins with "config error". */
export function readWorkerConfig(path: string): WorkerConfig {
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .map((line) => (line.split("#", 1)[0] ?? "").trim())
    .filter((line) => line !== "");
  const found = new Map(
    lines.map((line) => [line.split(":", 1)[0]?.trim() ?? "", line.split(":").slice(1).join(":").trim()]),
  );
  const [delayMs, batchSize, checkoutEveryMs, timeoutMs] = keys.map((key) => {
    const value = found.get(key);
    if (value !== undefined && /^\d{1,7}(?:\.\d{1,3})?$/.test(value) && Number(value) >= 1)
      return Number(value);
    throw new Error(
      `config error in ${path}: invalid value for ${key}: ${JSON.stringify(value ?? null)} is not a positive number`,
    );
  }) as [number, number, number, number];
  return { delayMs, batchSize, checkoutEveryMs, timeoutMs };
}
