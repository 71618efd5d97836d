// The machine has no memory left for anybody: work waits for pages, or the kernel chooses whom to kill.
import { human, playbook, unchanged } from "./common-checks.ts";

export const hostMemoryShort = playbook({
  id: "host-memory-short",
  title: "The machine is short of memory",
  vocabulary: [
    "memory pressure",
    "swap",
    "swapping",
    "thrashing",
    "OOM killer",
    "host memory",
    "MemAvailable",
    "kswapd",
    "overcommit",
    "out of RAM",
    "noisy neighbour",
  ],
  appliesTo: ["latency", "hung", "oom-killed", "memory"],
  cause: "The machine is short of memory ({full}; {waits}).",
  prior: 2_900,
  checks: [
    {
      id: "full",
      question: "Is the machine's memory taken?",
      observe: "host-memory",
      expect: { atLeast: 0.93 },
      weight: 2_700,
      against: 6_500,
      discriminates: ["oom-limit-too-low", "memory-leak", "hang", "process-crash"],
    },
    {
      id: "waits",
      question: "Does work wait for memory?",
      observe: "memory-pressure",
      expect: { atLeast: 0.1 },
      weight: 2_600,
      against: 6_500,
      discriminates: ["oom-limit-too-low", "memory-leak", "hang", "process-crash"],
    },
    {
      id: "not-itself",
      question: "Does its own memory not grow?",
      observe: "memory-trend",
      expect: { isNot: "growing" },
      weight: 600,
      against: 2_500,
      discriminates: ["memory-leak"],
    },
    unchanged({ weight: 300, against: 800 }),
  ],
  fixes: [human("Give the machine more memory, or move something away: {full}")],
});
