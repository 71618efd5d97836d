import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readPublicData } from "../../lab/public-data/verbs.ts";

async function answers(verb: "forecast" | "crossing", tasks: object[]): Promise<unknown[]> {
  const folder = await mkdtemp(join(tmpdir(), "forecast-bench-"));
  try {
    const [input, output] = [join(folder, "tasks.jsonl"), join(folder, "out.jsonl")];
    await writeFile(input, `${tasks.map((task) => JSON.stringify(task)).join("\n")}\n\n`);
    await readPublicData({ verb, input, output });
    return (await readFile(output, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  } finally {
    await rm(folder, { recursive: true });
  }
}

it("answers each forecast task in order", async () => {
  const task = { step_seconds: 60, season: 1, horizon: 2, values: Array(30).fill(4) };
  const flat = { mean: [4, 4], lo: [4, 4], hi: [4, 4] };
  expect(
    await answers("forecast", [
      { id: "b", ...task },
      { id: "a", ...task },
    ]),
  ).toEqual([
    { id: "b", ...flat },
    { id: "a", ...flat },
  ]);
});

it("answers each question for a limit with a number or null", async () => {
  const values = Array.from({ length: 60 }, (_, index) => index);
  const task = { step_seconds: 60, values, max_steps: 30 };
  expect(
    await answers("crossing", [
      { id: "a", ...task, limit: 69 },
      { id: "b", ...task, limit: 500 },
    ]),
  ).toEqual([
    { id: "a", steps: 10 },
    { id: "b", steps: null },
  ]);
});
