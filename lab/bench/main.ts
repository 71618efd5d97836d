// npm run bench: speed and memory of the product as built, each beside a peer or a floor measured in the same run.
//   --only NAME  one benchmark (may be repeated)     --runs N   samples of each number (default 10)
//   --json       results as JSON                     --write    also into docs/benchmarks.md
//   --strict     exit with 1 where a bar is missed
import { parseArgs } from "node:util";
import type { BenchContext, Benchmark, PostgresDatabases } from "./benchmark.ts";
import { deathToRestart } from "./benchmarks/death-to-restart.ts";
import { healthyPass } from "./benchmarks/healthy-pass.ts";
import { help } from "./benchmarks/help.ts";
import { ownShare } from "./benchmarks/own-share.ts";
import { sweep } from "./benchmarks/sweep.ts";
import { postgresBin } from "../postgres-programs.ts";
import { missed, renderResult, type Result } from "./table.ts";

const benchmarks: readonly Benchmark[] = [deathToRestart, ownShare, healthyPass, sweep, help];

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    runs: { type: "string", default: "10" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    strict: { type: "boolean", default: false },
  },
});
const runs = Number(values.runs);
const chosen = benchmarks.filter(({ name }) => values.only.length === 0 || values.only.includes(name));

await using disposables = new AsyncDisposableStack();
const context: BenchContext = { runs, postgres: await openPostgres(disposables), say: () => undefined };
const results: Result[] = [];
for (const { name, title, run } of chosen) {
  const say = (text: string): boolean => process.stderr.write(`${name}: ${text}\n`);
  say("starts");
  const rows = await run({ ...context, say });
  results.push({ name, title, rows });
  if (!values.json) console.log(renderResult({ name, title, rows }));
}
if (values.json) console.log(JSON.stringify(results, null, 2));
const misses = results.flatMap(({ rows }) => rows).filter((one) => "samples" in one && missed(one));
if (values.strict && misses.length > 0) process.exitCode = 1;

async function openPostgres(stack: AsyncDisposableStack): Promise<PostgresDatabases | undefined> {
  if (postgresBin() === undefined) return undefined;
  const { startPostgres } = await import("../postgres-server.ts");
  const server = stack.use(await startPostgres({ durable: true }));
  let count = 0;
  return { fresh: () => server.createDatabase(`bench_${(count += 1)}`) };
}
