// A new container or program runs, but has not once answered well since it was rolled out.
import { dependenciesWell, human, neverWell, playbook, running, unchanged } from "./common-checks.ts";
import {
  GOOD_COMMAND,
  GOOD_IMAGE,
  ROLL_BACK_COMMAND,
  ROLL_BACK_IMAGE,
  STILL_THAT_COMMAND,
  STILL_THAT_IMAGE,
} from "./roll-backs.ts";

export const unhealthyAfterDeploy = playbook({
  id: "unhealthy-after-deploy",
  title: "It was just rolled out, and is not well",
  vocabulary: [
    "deploy",
    "rollout",
    "release",
    "new version",
    "new image",
    "upgrade",
    "readiness",
    "not ready",
    "after update",
    "regression",
    "smoke test",
    "canary",
  ],
  appliesTo: ["unhealthy", "error-rate", "unreachable", "hung", "latency"],
  cause: "It was rolled out shortly before ({new}) and runs, but {never-well}.",
  prior: 2_600,
  checks: [
    running({ weight: 700, against: 8_000, discriminates: ["crash-after-deploy", "process-crash"] }),
    {
      id: "new",
      question: "Was it rolled out shortly before?",
      observe: "deployed",
      expect: { some: true },
      weight: 2_800,
      against: 8_000,
      discriminates: ["degraded-process", "unhealthy-container", "hang"],
    },
    neverWell({ weight: 2_000, against: 8_000, discriminates: ["degraded-process", "hang"] }),
    unchanged({ weight: 300, against: 5_000, discriminates: ["crash-after-bad-config"] }),
    dependenciesWell({ weight: 600, against: 3_000, discriminates: ["dependency-down"] }),
    GOOD_IMAGE,
    GOOD_COMMAND,
  ],
  predicts: [STILL_THAT_IMAGE, STILL_THAT_COMMAND],
  fixes: [ROLL_BACK_IMAGE, ROLL_BACK_COMMAND, human("Put the version before it back: {new}")],
});
