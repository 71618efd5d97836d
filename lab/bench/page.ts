// docs/benchmarks.md: the results, with what they were measured on.
import { cpus, loadavg, release, totalmem } from "node:os";
import { renderResult, type Result } from "./table.ts";

export interface Surroundings {
  /** One-minute load average before the first benchmark; other work on the machine shows here. */
  loadBefore: number;
  runs: number;
  postgres: string | undefined;
}

export function surroundingsNow(runs: number, postgres: string | undefined): Surroundings {
  return { loadBefore: loadavg()[0] ?? 0, runs, postgres };
}

export function renderPage(results: readonly Result[], { loadBefore, runs, postgres }: Surroundings): string {
  const memory = Math.round(totalmem() / 1024 ** 3);
  return [
    "# Benchmarks",
    "",
    "Made by `npm run bench -- --write`; what each number means stands at the top of its file in `lab/bench/benchmarks/`.",
    "The product runs as people start it, `opsmedic serve` in a process of its own; peers and floors run in the same",
    "minute on the same machine. `apply` and `validate` are not opsmedic's own share: the first contains the service's",
    "start, the second the time for which policy says to watch. PostgreSQL commits to disk (fsync on).",
    "",
    `- ${new Date().toISOString().slice(0, 10)}, ${runs} samples of each number unless the table says otherwise`,
    `- ${cpus().length} × ${cpus()[0]?.model ?? "CPU"}, ${memory} GB, Linux ${release()}`,
    `- Node ${process.versions.node}, V8 ${process.versions.v8}, ${postgres ?? "no PostgreSQL server"}`,
    `- ${loads(loadBefore)}; above the number of CPUs, times are other people's, too`,
    "",
    ...results.map(renderResult),
  ].join("\n");
}

/** Some measured anew, each with its own day and load; the others stand as they are. A new one goes to the end. */
export function withSections(
  page: string,
  results: readonly Result[],
  { loadBefore, runs }: Surroundings,
  day = new Date().toISOString().slice(0, 10),
): string {
  const sections = page.split(/^(?=## )/m);
  for (const result of results) {
    const [heading = "", ...table] = renderResult(result).split("\n");
    const alone = `Measured by itself: ${day}, ${runs} samples, ${loads(loadBefore)}.`;
    const made = [heading, "", alone, ...table].join("\n");
    const at = sections.findIndex((one) => one.startsWith(`${heading}\n`));
    if (at === -1) sections.push(`\n${made}`);
    else sections[at] = at === sections.length - 1 ? made : `${made}\n`;
  }
  return sections.join("");
}

function loads(before: number): string {
  return `load average before ${before.toFixed(1)}, after ${(loadavg()[0] ?? 0).toFixed(1)}`;
}
