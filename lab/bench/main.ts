// npm run bench: speed and memory of the product as built, each beside a peer or a floor measured in the same run.
//   NAME, --only NAME  one benchmark (may be repeated)     --runs N   samples of each number (default 10)
//   --json       results as JSON                     --write    also into docs/benchmarks.md; with names, only theirs
//   --strict     exit with 1 where a bar is missed
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Benchmark, PostgresDatabases } from "./benchmark.ts";
import { containerDeath } from "./benchmarks/container-death.ts";
import { databaseLoad } from "./benchmarks/database-load.ts";
import { deathToRestart } from "./benchmarks/death-to-restart.ts";
import { healthyPass } from "./benchmarks/healthy-pass.ts";
import { help } from "./benchmarks/help.ts";
import { idle } from "./benchmarks/idle.ts";
import { liveMemory, livePath } from "./benchmarks/live-path.ts";
import { redisLoad } from "./benchmarks/redis-load.ts";
import { recallSpeed } from "./benchmarks/recall-speed.ts";
import { retrieval } from "./benchmarks/retrieval.ts";
import { ownShare } from "./benchmarks/own-share.ts";
import { sweep } from "./benchmarks/sweep.ts";
import { postgresBin } from "../postgres-programs.ts";
import { renderPage, surroundingsNow, withSections } from "./page.ts";
import { missed, renderResult, type Result } from "./table.ts";

const benchmarks: readonly Benchmark[] = [
  deathToRestart,
  containerDeath,
  ownShare,
  healthyPass,
  sweep,
  idle,
  help,
  livePath,
  liveMemory,
  retrieval,
  recallSpeed,
  databaseLoad,
  redisLoad,
];

const PAGE = new URL("../../docs/benchmarks.md", import.meta.url);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", multiple: true, default: [] },
    runs: { type: "string", default: "10" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    strict: { type: "boolean", default: false },
  },
});
values.only.push(...positionals);
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) fail(`--runs ${values.runs} is no number of samples`);
const unknown = values.only.find((name) => !benchmarks.some((one) => one.name === name));
if (unknown !== undefined)
  fail(`no benchmark ${unknown}; there are ${benchmarks.map((one) => one.name).join(", ")}`);

await using disposables = new AsyncDisposableStack();
const postgres = await openPostgres(disposables);
const surroundings = surroundingsNow(runs, postgres?.version);
const results: Result[] = [];
for (const benchmark of benchmarks) {
  const { name, title, onlyByName = false } = benchmark;
  if (values.only.length > 0 ? !values.only.includes(name) : onlyByName) continue;
  const say = (text: string): void => console.error(`${name}: ${text}`);
  say("starts");
  const result = { name, title, rows: await benchmark.run({ runs, postgres, say }) };
  results.push(result);
  if (!values.json) console.log(renderResult(result));
}
if (values.json) console.log(JSON.stringify(results, null, 2));
if (values.write) {
  const isWhole = values.only.length === 0;
  const page = isWhole
    ? renderPage(results, surroundings)
    : withSections(readFileSync(PAGE, "utf8"), results, surroundings);
  writeFileSync(PAGE, page);
}
const misses = results.flatMap(({ rows }) => rows).filter((one) => "samples" in one && missed(one));
if (values.strict && misses.length > 0) process.exitCode = 1;

async function openPostgres(stack: AsyncDisposableStack): Promise<PostgresDatabases | undefined> {
  const bin = postgresBin();
  if (bin === undefined) return undefined;
  const { startPostgres } = await import("../postgres-server.ts");
  const server = stack.use(await startPostgres({ durable: true }));
  let count = 0;
  return {
    version: execFileSync(`${bin}/postgres`, ["--version"], { encoding: "utf8" }).trim(),
    fresh: () => server.createDatabase(`bench_${(count += 1)}`),
  };
}

function fail(text: string): never {
  console.error(text);
  process.exit(2);
}
