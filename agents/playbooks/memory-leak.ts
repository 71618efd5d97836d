// Its memory grows steadily though the load does not: a restart gives the memory back before the limit is reached.
import {
  dependenciesWell,
  human,
  loadSteady,
  playbook,
  RESTART,
  SAME_INSTANCE,
  unchanged,
} from "./common-checks.ts";

export const memoryLeak = playbook({
  id: "memory-leak",
  title: "It leaks memory",
  vocabulary: [
    "leak",
    "heap",
    "memory grows",
    "swap",
    "garbage collection",
    "OutOfMemory",
    "RSS grows",
    "steady growth",
    "memory creep",
  ],
  appliesTo: ["memory", "oom-killed", "latency"],
  cause: "Its memory grows without end ({growing}).",
  prior: 3_800,
  checks: [
    {
      id: "growing",
      question: "Does its memory grow steadily?",
      observe: "memory-trend",
      expect: { is: "growing" },
      weight: 3_200,
      against: 5_000,
      discriminates: ["oom-limit-too-low", "resource-saturation", "degraded-process"],
    },
    {
      id: "high",
      question: "Is much of what it may use taken?",
      observe: "memory-now",
      expect: { atLeast: 0.7 },
      weight: 1_300,
      against: 1_000,
    },
    dependenciesWell({ weight: 400, against: 1_000 }),
    loadSteady({ weight: 300, against: 2_000, discriminates: ["resource-saturation"] }),
    unchanged({ weight: 400, against: 500 }),
  ],
  predicts: [SAME_INSTANCE],
  fixes: [RESTART, human("Find the leak: it comes back too fast for restarts")],
});
