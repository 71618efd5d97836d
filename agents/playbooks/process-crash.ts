// The process ended by itself, once, and nothing about it had changed: it is started again.
import { dependenciesWell, human, notForMemory, playbook, unchanged } from "./common-checks.ts";

export const processCrash = playbook({
  id: "process-crash",
  title: "The process crashed",
  vocabulary: ["crash", "exit", "killed", "segfault", "unhandled exception", "SIGKILL"],
  appliesTo: ["exited", "unreachable", "unhealthy"],
  cause: "The process ended by itself ({ended}).",
  prior: 3_800,
  checks: [
    {
      id: "ended",
      question: "Has the process ended?",
      observe: "exit-status",
      expect: { is: "exited" },
      weight: 2_800,
      against: 8_000,
      discriminates: ["hang", "degraded-process", "unhealthy-container", "dependency-down"],
    },
    {
      id: "not-on-purpose",
      question: "Did nobody stop it on purpose?",
      observe: "stopped-by-operator",
      expect: { is: false },
      weight: 500,
      against: 8_000,
    },
    notForMemory({ weight: 1_100, against: 4_000, discriminates: ["oom-limit-too-low"] }),
    {
      id: "no-loop",
      question: "Is it not starting and ending over and over?",
      observe: "recent-starts",
      expect: { atMost: 2 },
      weight: 500,
      against: 3_000,
    },
    unchanged({ weight: 900, against: 2_500, discriminates: ["crash-after-bad-config"] }),
    dependenciesWell({ weight: 0, against: 2_500 }),
  ],
  fixes: [
    {
      id: "start",
      title: "Start the service again",
      class: "restart",
      risk: "low",
      actions: [{ action: "start" }],
    },
    human("Find out why the process keeps ending"),
  ],
});
