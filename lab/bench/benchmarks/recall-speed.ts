import type { Benchmark } from "../benchmark.ts";
export const recallSpeed: Benchmark = {
  name: "recall-speed",
  title: "x",
  onlyByName: true,
  run: () => Promise.resolve([]),
};
