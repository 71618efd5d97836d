// Public data, metric anomalies: "timestamp,value" lines in, one score a line out, through the product's detector.
import { readFile, writeFile } from "node:fs/promises";
import { makeAnomalyDetector } from "../../signals/anomaly/detector.ts";

/** Reads CSV with a header; times are in seconds since 1970 or as a date, without a zone taken as UTC. */
export async function anomalies({ input, output }: { input: string; output: string }): Promise<void> {
  const rows = (await readFile(input, "utf8")).split(/\r?\n/).slice(1);
  const detector = makeAnomalyDetector();
  const scores = rows.filter((row) => row.trim() !== "").map((row) => detector.push(...pointOf(row)).score);
  await writeFile(output, scores.map((score) => `${score}\n`).join(""));
}

function pointOf(row: string): [time: number, value: number] {
  const [time = "", value = ""] = row.split(",");
  return [secondsOf(time.trim()), value.trim() === "" ? Number.NaN : Number(value)];
}

function secondsOf(text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  const iso = text.replace(" ", "T");
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`) / 1_000;
}
