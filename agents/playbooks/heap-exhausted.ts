// The heap that its runtime (Node, a JVM, PHP) allows is full, while the kernel would have given more.
import { human, logSays, notRunning, playbook, START, STILL_DOWN, unchanged } from "./common-checks.ts";

export const heapExhausted = playbook({
  id: "heap-exhausted",
  title: "Its runtime's own heap is full",
  vocabulary: [
    "heap out of memory",
    "OutOfMemoryError",
    "Java heap space",
    "max-old-space-size",
    "Xmx",
    "GC overhead limit",
    "Allowed memory size exhausted",
    "MemoryError",
    "heap limit",
    "V8",
    "FATAL ERROR: Reached heap limit",
  ],
  appliesTo: ["exited", "crash-loop", "log-errors"],
  cause: "The heap of its runtime is full ({says-so}; {code}).",
  prior: 2_800,
  checks: [
    logSays("heap", { weight: 2_300, against: 3_000 }),
    {
      id: "not-by-kernel",
      question: "Did the kernel not kill it for its memory?",
      observe: "oom-killed",
      expect: { is: false },
      weight: 1_500,
      against: 6_000,
      discriminates: ["oom-limit-too-low"],
    },
    {
      id: "code",
      question: "Did it end as runtimes do that have no heap left?",
      observe: "exit-code",
      expect: { oneOf: [1, 3, 134, 255] },
      weight: 2_000,
      against: 3_000,
      discriminates: ["bad-command", "oom-limit-too-low"],
    },
    notRunning({ weight: 700, against: 3_500 }),
    unchanged({ weight: 300, against: 1_000 }),
  ],
  predicts: [STILL_DOWN],
  fixes: [
    START,
    human("Raise the heap that its runtime allows (--max-old-space-size, -Xmx), or find what fills it"),
  ],
});
