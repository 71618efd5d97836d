// npm run bench:public: what the readers of logs and numbers reach on public data, scored from outside by the data's
// own scorer, with what peers reach beside it. Writes docs/benchmarks-signals.md.
//   --data DIR   the data and its scorer (score/bench.py; default ../shared/data)   --speed N   lines for the speed
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Figures, figuresIn, rows, shown } from "./report-rows.ts";

const root = new URL("../../", import.meta.url);
const { values } = parseArgs({
  options: {
    data: { type: "string", default: fileURLToPath(new URL("../shared/data", root)) },
    speed: { type: "string", default: "1000000" },
  },
});

const scorer = `${values.data}/score/bench.py`;
if (!existsSync(scorer)) {
  console.error(`There is no ${scorer}: pass the folder with the public data by --data.`);
  process.exit(2);
}
const command = `${process.execPath} ${fileURLToPath(new URL("dist/cli.js", root))} bench`;
const run = spawnSync("python3", [scorer, "--cmd", command, "--data", values.data, "--speed", values.speed], {
  encoding: "utf8",
  maxBuffer: 64 * 1024 * 1024,
});
process.stdout.write(run.stdout);
if (run.status !== 0) {
  console.error(run.stderr);
  process.exit(1);
}
writeFileSync(new URL("docs/benchmarks-signals.md", root), page(figuresIn(run.stdout)));

function page(figures: Figures): string {
  const lines = rows.map((row) => {
    const cells = [row.what, shown(row, figures), row.bar, row.stretch, row.peers];
    return `| ${cells.join(" | ")} |`;
  });
  return `# Benchmarks of the readers of logs and numbers

Made by \`npm run bench:public\` on public data that nobody here made (the developers' half; the other half was never
seen). \`opsmedic bench templates\` and its sisters run the code that the server runs, with one setting; an outside program scores
it. The authors of the code have looked at this half, so new data will give less: what was done against that stands in the
tests and in the code's comments.

| task | here | bar | stretch | peers |
| --- | --- | --- | --- | --- |
${lines.join("\n")}

Peers are given as published, or, marked "here", as measured with the same scorer on the same part of the data.
`;
}
