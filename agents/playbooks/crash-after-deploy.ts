// A new container or program ends at its start, and none of the files that could be put back has changed.
import { human, neverWell, notForMemory, playbook, startedByRuntime, unchanged } from "./common-checks.ts";

export const crashAfterDeploy = playbook({
  id: "crash-after-deploy",
  title: "It was just rolled out, and does not start",
  vocabulary: [
    "deploy",
    "rollout",
    "release",
    "new version",
    "new image",
    "upgrade",
    "bad build",
    "regression",
    "after update",
    "crash at start",
    "rollback",
    "broken release",
  ],
  appliesTo: ["exited", "crash-loop"],
  cause: "It was rolled out shortly before ({new}), and was never well since ({never-well}).",
  prior: 2_600,
  checks: [
    {
      id: "new",
      question: "Was it rolled out shortly before?",
      observe: "deployed",
      expect: { some: true },
      weight: 3_000,
      against: 8_000,
      discriminates: ["process-crash", "missing-variable"],
    },
    neverWell({ weight: 2_300, against: 9_000, discriminates: ["process-crash"] }),
    unchanged({ weight: 300, against: 5_000, discriminates: ["crash-after-bad-config"] }),
    notForMemory({ weight: 300, against: 3_000, discriminates: ["oom-limit-too-low"] }),
    startedByRuntime({ weight: 400, against: 3_000, discriminates: ["bad-command"] }),
  ],
  fixes: [human("Put the version before it back: {new}")],
});
