// Others on the machine take its processors: the service itself does not do much, and waits.
import { dependenciesAnswer, human, neighboursSuffer, playbook, unchanged } from "./common-checks.ts";

export const hostCpuShort = playbook({
  id: "host-cpu-short",
  title: "The machine's processors are taken by others",
  vocabulary: [
    "host CPU",
    "load average",
    "noisy neighbour",
    "steal",
    "CPU contention",
    "run queue",
    "throttled",
    "busy machine",
    "overloaded host",
    "backup job",
    "cron job",
  ],
  appliesTo: ["latency", "hung"],
  cause: "The machine's processors are taken by others ({host}; {own}).",
  prior: 2_900,
  checks: [
    {
      id: "host",
      question: "Are the machine's processors taken?",
      observe: "host-cpu",
      expect: { atLeast: 0.9 },
      weight: 3_500,
      against: 7_000,
      discriminates: ["degraded-process", "slow-dependency", "hang"],
    },
    {
      id: "own",
      question: "Does it not take them itself?",
      observe: "cpu-now",
      expect: { atMost: 0.4 },
      weight: 1_600,
      against: 6_000,
      discriminates: ["cpu-runaway", "resource-saturation"],
    },
    neighboursSuffer({ weight: 0, against: 4_000 }),
    dependenciesAnswer({ weight: 500, against: 5_000, discriminates: ["dependency-down"] }),
    unchanged({ weight: 400, against: 1_500, discriminates: ["crash-after-bad-config"] }),
  ],
  fixes: [human("Find what takes the machine's processors")],
});
