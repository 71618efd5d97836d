// bench forecast: one task a line in, one forecast a line out.
import { readFile, writeFile } from "node:fs/promises";
import { forecast as foretell } from "../../signals/forecast/forecast.ts";

interface Task {
  id: string;
  step_seconds: number;
  season: number;
  horizon: number;
  values: (number | null)[];
}

export async function forecast({ input, output }: { input: string; output: string }): Promise<void> {
  const tasks = (await readFile(input, "utf8")).split("\n").filter((line) => line.trim() !== "");
  await writeFile(
    output,
    tasks.map((line) => `${JSON.stringify(answer(JSON.parse(line) as Task))}\n`).join(""),
  );
}

function answer({ id, step_seconds: stepSeconds, season, horizon, values }: Task) {
  return { id, ...foretell({ values, horizon, season, stepSeconds }) };
}
