// It starts children and never collects those that ended: each keeps a process number until the parent ends.
import { human, inOperation, playbook, RESTART, running, SAME_INSTANCE, unchanged } from "./common-checks.ts";

export const childLeak = playbook({
  id: "child-leak",
  title: "It never collects its children",
  vocabulary: [
    "zombie",
    "defunct",
    "<defunct>",
    "waitpid",
    "SIGCHLD",
    "reap",
    "init process",
    "tini",
    "PID 1",
    "child processes",
    "process leak",
    "docker --init",
  ],
  appliesTo: ["zombies", "threads", "log-errors"],
  cause: "It does not collect its children ({left}).",
  prior: 3_400,
  checks: [
    {
      id: "left",
      question: "Are there many ended children that it has not collected?",
      observe: "zombies-now",
      expect: { atLeast: 50 },
      weight: 4_700,
      against: 9_000,
      discriminates: ["degraded-process", "threads-exhausted", "resource-saturation"],
    },
    running({ weight: 600, against: 6_000, discriminates: ["process-crash"] }),
    unchanged({ weight: 300, against: 800 }),
    inOperation({ weight: 200, against: 200 }),
  ],
  predicts: [
    SAME_INSTANCE,
    { id: "still-left", question: "Are they still there?", observe: "zombies-now", expect: { atLeast: 25 } },
  ],
  fixes: [RESTART, human("Run it under an init that collects children (docker run --init), or correct it")],
});
