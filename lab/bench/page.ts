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
    `- load average before ${loadBefore.toFixed(1)}, after ${(loadavg()[0] ?? 0).toFixed(1)}; above the number of CPUs, times are other people's, too`,
    "",
    ...results.map(renderResult),
  ].join("\n");
}
