import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { anomalies } from "../../lab/public-data/anomalies.ts";
import { dailySeries, STEP } from "./anomaly-series.ts";

async function scoresOf(lines: readonly string[]): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), "anomalies-"));
  try {
    const [input, output] = [join(folder, "in.csv"), join(folder, "out.csv")];
    await writeFile(input, ["timestamp,value", ...lines, ""].join("\n"));
    await anomalies({ input, output });
    return (await readFile(output, "utf8")).split("\n").slice(0, -1).map(Number);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const stamp = (at: number) =>
  new Date(1.4e12 + at * STEP * 1_000).toISOString().slice(0, 19).replace("T", " ");

describe("opsmedic bench anomalies", () => {
  const lines = dailySeries(1_500).map((value, at) => `${stamp(at)},${at === 1_200 ? 300 : value}`);

  it("writes a score a row, and finds the spike", async () => {
    const scores = await scoresOf(lines);
    expect(scores).toHaveLength(lines.length);
    expect(scores[1_200]).toBeGreaterThanOrEqual(0.5);
  });

  it("uses no later rows", async () => {
    expect(await scoresOf(lines.slice(0, 900))).toEqual((await scoresOf(lines)).slice(0, 900));
  });

  it("scores broken rows 0", async () => {
    expect(await scoresOf(["2014-04-01 00:00:00,", "nonsense", "2014-04-01 00:05:00,NaN", ",5"])).toEqual([
      0, 0, 0, 0,
    ]);
  });
});
