// Work on the machine waits for its disks most of the time, and the service with it.
import { dependenciesAnswer, human, neighboursSuffer, playbook, unchanged } from "./common-checks.ts";

export const hostIoShort = playbook({
  id: "host-io-short",
  title: "The machine's disks are too busy",
  vocabulary: [
    "iowait",
    "disk latency",
    "IO pressure",
    "slow disk",
    "throttled volume",
    "IOPS",
    "burst credits",
    "fsync",
    "disk saturated",
    "backup",
    "degraded RAID",
  ],
  appliesTo: ["latency", "hung"],
  cause: "Work waits for the disks ({waits}).",
  prior: 3_100,
  checks: [
    {
      id: "waits",
      question: "Does work wait for the disks much of the time?",
      observe: "io-pressure",
      expect: { atLeast: 0.4 },
      weight: 4_300,
      against: 8_000,
      discriminates: ["degraded-process", "hang", "slow-dependency", "host-cpu-short"],
    },
    {
      id: "not-busy",
      question: "Is its CPU not the bottleneck?",
      observe: "cpu-now",
      expect: { atMost: 0.7 },
      weight: 700,
      against: 2_500,
      discriminates: ["cpu-runaway", "resource-saturation"],
    },
    neighboursSuffer({ weight: 0, against: 4_000 }),
    dependenciesAnswer({ weight: 500, against: 5_000, discriminates: ["dependency-down"] }),
    unchanged({ weight: 400, against: 1_500, discriminates: ["crash-after-bad-config"] }),
  ],
  fixes: [human("Find what keeps the disks busy, or give it faster ones")],
});
