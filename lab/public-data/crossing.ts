// bench crossing: one question a line in, one answer a line out.
import { readFile, writeFile } from "node:fs/promises";
import { timeToLimit } from "../../signals/forecast/time-to-limit.ts";

interface Task {
  id: string;
  values: (number | null)[];
  limit: number;
  max_steps: number;
}

export async function crossing({ input, output }: { input: string; output: string }): Promise<void> {
  const tasks = (await readFile(input, "utf8")).split("\n").filter((line) => line.trim() !== "");
  await writeFile(
    output,
    tasks.map((line) => `${JSON.stringify(answer(JSON.parse(line) as Task))}\n`).join(""),
  );
}

function answer({ id, values, limit, max_steps: maxSteps }: Task) {
  const found = timeToLimit(values, limit, { maxSteps });
  return { id, steps: found === "never" ? null : found.steps };
}
