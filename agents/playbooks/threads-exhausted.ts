// It may start no further thread or process: the limit of its control group is reached.
import {
  human,
  inOperation,
  loadSteady,
  logSays,
  playbook,
  RESTART,
  running,
  SAME_INSTANCE,
  unchanged,
} from "./common-checks.ts";

export const threadsExhausted = playbook({
  id: "threads-exhausted",
  title: "It has no threads left",
  vocabulary: [
    "cannot create thread",
    "unable to create native thread",
    "pthread_create",
    "EAGAIN",
    "resource temporarily unavailable",
    "fork failed",
    "pids limit",
    "TasksMax",
    "nproc",
    "thread leak",
    "thread pool",
  ],
  appliesTo: ["threads", "error-rate", "log-errors", "hung", "latency", "unhealthy"],
  cause: "It may start nothing more ({taken}).",
  prior: 3_300,
  checks: [
    {
      id: "taken",
      question: "Are nearly all threads that it may have taken?",
      observe: "threads-now",
      expect: { atLeast: 0.9 },
      weight: 4_600,
      against: 8_500,
      discriminates: ["degraded-process", "hang", "resource-saturation", "child-leak"],
    },
    running({ weight: 500, against: 6_000, discriminates: ["process-crash"] }),
    logSays("threads", { weight: 500, against: 0 }),
    loadSteady({ weight: 300, against: 1_500, discriminates: ["resource-saturation"] }),
    unchanged({ weight: 300, against: 1_000 }),
    inOperation({ weight: 200, against: 200 }),
  ],
  predicts: [
    SAME_INSTANCE,
    {
      id: "still-taken",
      question: "Are they still taken?",
      observe: "threads-now",
      expect: { atLeast: 0.8 },
    },
  ],
  fixes: [RESTART, human("Raise its limit of processes, or find what it does not end")],
});
