// It ends at its start because a variable that it asks for is not in its environment.
import { human, neverWell, notRunning, playbook, startedByRuntime } from "./common-checks.ts";

export const missingVariable = playbook({
  id: "missing-variable",
  title: "A variable is missing in its environment",
  vocabulary: [
    "environment variable",
    "env var not set",
    "missing env",
    "KeyError",
    "process.env",
    "os.environ",
    "undefined variable",
    "is not set",
    "must be set",
    "required variable",
    ".env",
    "secret missing",
    "unset",
  ],
  appliesTo: ["exited", "crash-loop"],
  cause: "It asks for a variable that it does not have ({missing}).",
  prior: 2_500,
  checks: [
    {
      id: "missing",
      question: "Does it ask for a variable that its environment lacks?",
      observe: "missing-variable",
      expect: { some: true },
      weight: 2_100,
      against: 6_000,
    },
    neverWell({
      weight: 2_500,
      against: 9_000,
      discriminates: ["process-crash", "oom-limit-too-low", "degraded-process"],
    }),
    notRunning({ weight: 700, against: 5_000 }),
    startedByRuntime({ weight: 500, against: 4_000, discriminates: ["bad-command"] }),
    {
      id: "by-itself",
      question: "Did it end by its own decision, not by a signal?",
      observe: "exit-code",
      expect: { oneOf: [1, 2, 3, 64, 78, 255] },
      weight: 700,
      against: 2_500,
      discriminates: ["native-crash", "oom-limit-too-low"],
    },
  ],
  fixes: [human("Set the variable and start it: {missing}")],
});
