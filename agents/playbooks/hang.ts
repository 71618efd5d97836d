// The process runs and its port is open, but it answers nothing: only a restart frees it.
import { dependenciesWell, human, playbook, RESTART, running, unchanged } from "./common-checks.ts";

export const hang = playbook({
  id: "hang",
  title: "The process hangs",
  vocabulary: ["hang", "freeze", "deadlock", "event loop blocked", "not responding", "SIGSTOP"],
  appliesTo: ["hung", "unreachable", "unhealthy"],
  cause: "The process runs but answers nothing ({silent}).",
  prior: 3_600,
  checks: [
    running({ weight: 1_000, against: 8_000, discriminates: ["process-crash"] }),
    {
      id: "silent",
      question: "Does it stay silent when it is asked now?",
      observe: "probe-now",
      expect: { is: "timeout" },
      weight: 1_700,
      against: 4_000,
      discriminates: ["degraded-process"],
    },
    {
      id: "port-open",
      question: "Does its port still accept connections?",
      observe: "port-open",
      expect: { is: true },
      weight: 1_200,
      against: 2_500,
      discriminates: ["process-crash", "outside-service-down"],
    },
    dependenciesWell({ weight: 900, against: 3_500, discriminates: ["dependency-down"] }),
    {
      id: "not-starting",
      question: "Has it run long enough to be past its start?",
      observe: "uptime",
      expect: { atLeast: 20_000 },
      weight: 400,
      against: 2_000,
    },
    unchanged({ weight: 600, against: 1_500, discriminates: ["crash-after-bad-config"] }),
  ],
  fixes: [RESTART, human("Find out what blocks the process: a restart does not free it")],
});
