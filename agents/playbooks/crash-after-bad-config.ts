// It was well until one of its files changed: the last version that was known to be good is put back.
import { human, notForMemory, playbook } from "./common-checks.ts";

export const crashAfterBadConfig = playbook({
  id: "crash-after-bad-config",
  title: "A changed file broke it",
  vocabulary: [
    "config",
    "deploy",
    "rollout",
    "syntax error",
    "missing setting",
    "environment",
    "bad edit",
    "wrong setting",
    "roll back the configuration",
  ],
  appliesTo: [
    "exited",
    "crash-loop",
    "unreachable",
    "unhealthy",
    "hung",
    "error-rate",
    "log-errors",
    "latency",
  ],
  cause: "It broke after a change to its files ({changed}).",
  prior: 2_800,
  checks: [
    {
      id: "changed",
      question: "Does a file differ from the version with which it was well?",
      observe: "changed-files",
      expect: { some: true },
      weight: 3_300,
      against: 9_000,
      discriminates: ["process-crash", "degraded-process", "oom-limit-too-low", "hang"],
    },
    {
      id: "changed-lately",
      question: "Was it changed in the hour before the symptom?",
      observe: "changed-files",
      params: { withinMinutes: 60 },
      expect: { some: true },
      weight: 900,
      against: 300,
    },
    {
      id: "began-with-it",
      question: "Did the symptom begin right after the change, or with the start that read it?",
      observe: "error-began",
      expect: { oneOf: ["after-change", "at-start"] },
      weight: 1_500,
      against: 1_500,
    },
    notForMemory({ weight: 300, against: 3_000 }),
    {
      id: "says-so",
      question: "Does the log complain about the configuration?",
      observe: "config-error-in-log",
      expect: { some: true },
      weight: 600,
      against: 0,
    },
  ],
  predicts: [
    {
      id: "would-change",
      question: "Would putting the good version back change anything?",
      observe: "changed-files",
      expect: { some: true },
    },
  ],
  fixes: [
    {
      id: "restore-files",
      title: "Put the last known good files back",
      class: "configuration",
      risk: "medium",
      needs: ["changed"],
      actions: [
        {
          action: "restore-files",
          params: { version: { from: "changed", at: "version" }, paths: { from: "changed", at: "paths" } },
        },
      ],
    },
    human("Look at what was changed: the version that was good does not help either"),
  ],
});
