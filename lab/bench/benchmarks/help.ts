// How long a person waits for the command line to say anything.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Benchmark } from "../benchmark.ts";

const COMMAND = fileURLToPath(new URL("../../../bin/opsmedic.js", import.meta.url));

export const help: Benchmark = {
  name: "help",
  title: "The command line's first word",
  run: ({ runs }) => {
    const floor: number[] = [];
    const own: number[] = [];
    for (let n = 0; n < runs; n += 1) {
      floor.push(timeOf(["-e", "0"]));
      own.push(timeOf([COMMAND, "--help"]));
    }
    return Promise.resolve([
      { role: "opsmedic", what: "opsmedic --help", unit: "ms", samples: own, bar: 150 },
      { role: "floor", what: "node -e 0", unit: "ms", samples: floor },
    ]);
  },
};

function timeOf(args: readonly string[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}: ${stderr}`);
  return performance.now() - began;
}
