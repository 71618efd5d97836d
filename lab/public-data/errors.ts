// `opsmedic bench errors`: reads a log of error lines of several systems, one a line; writes {"cluster": id or null}
// for each, in order.
import { readFile, writeFile } from "node:fs/promises";
import { makeErrorClusters } from "../../signals/clusters/clusters.ts";

export async function errors({ input, output }: { input: string; output: string }): Promise<void> {
  const lines = (await readFile(input, "utf8")).split("\n");
  if (lines.at(-1) === "") lines.pop();
  // Here all lines are asked for at the end: none may be forgotten before.
  const clusters = makeErrorClusters({ maxItems: Math.max(1, lines.length) });
  // The place in the file stands for the time: what stands in it twice was written twice.
  for (const [at, text] of lines.entries()) clusters.add({ text, at });
  const rows = lines.map((text) => JSON.stringify({ cluster: clusters.clusterOf(text) ?? null }));
  await writeFile(output, rows.map((row) => `${row}\n`).join(""));
}
