// It is frozen by command: all its processes are there and none may run.
import { human, notForMemory, playbook } from "./common-checks.ts";

export const containerPaused = playbook({
  id: "container-paused",
  title: "It is paused",
  vocabulary: [
    "paused",
    "docker pause",
    "unpause",
    "frozen",
    "freezer",
    "suspended",
    "cgroup freeze",
    "not responding",
    "docker compose pause",
    "SIGSTOP",
  ],
  appliesTo: ["hung", "unreachable", "unhealthy", "latency", "error-rate"],
  cause: "It is paused ({state}).",
  prior: 3_500,
  checks: [
    {
      id: "state",
      question: "Is it paused?",
      observe: "exit-status",
      expect: { is: "paused" },
      weight: 4_900,
      against: 9_000,
      discriminates: ["hang", "process-crash", "degraded-process"],
    },
    {
      id: "silent",
      question: "Does it not answer?",
      observe: "probe-now",
      expect: { isNot: "ok" },
      weight: 500,
      against: 3_000,
    },
    notForMemory({ weight: 200, against: 500 }),
  ],
  fixes: [human("Resume it (docker unpause): somebody paused it")],
});
