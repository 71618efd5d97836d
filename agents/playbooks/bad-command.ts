// The runtime could not run its command: a program that is not there, not executable, or made for another processor.
import { human, logSays, neverWell, notRunning, playbook } from "./common-checks.ts";
import {
  GOOD_COMMAND,
  GOOD_IMAGE,
  ROLL_BACK_COMMAND,
  ROLL_BACK_IMAGE,
  STILL_THAT_COMMAND,
  STILL_THAT_IMAGE,
} from "./roll-backs.ts";

export const badCommand = playbook({
  id: "bad-command",
  title: "Its command cannot be run",
  vocabulary: [
    "exec format error",
    "command not found",
    "executable file not found",
    "exit 127",
    "exit 126",
    "no such file or directory",
    "entrypoint",
    "CMD",
    "wrong architecture",
    "arm64",
    "amd64",
    "not executable",
    "shebang",
    "permission denied exec",
    "OCI runtime create failed",
  ],
  appliesTo: ["exited", "crash-loop"],
  cause: "Its command cannot be run ({refused}).",
  prior: 2_800,
  checks: [
    {
      id: "refused",
      question: "Could the runtime not run its command?",
      observe: "start-error",
      expect: { is: "command" },
      weight: 4_400,
      against: 9_000,
      discriminates: ["process-crash", "crash-after-bad-config", "missing-variable"],
    },
    notRunning({ weight: 600, against: 6_000 }),
    neverWell({ weight: 900, against: 6_000, discriminates: ["process-crash"] }),
    logSays("command", { weight: 300, against: 0 }),
    GOOD_COMMAND,
    GOOD_IMAGE,
  ],
  predicts: [STILL_THAT_IMAGE, STILL_THAT_COMMAND],
  fixes: [
    ROLL_BACK_IMAGE,
    ROLL_BACK_COMMAND,
    human("Correct its command, or put back the image that had it: {refused}"),
  ],
});
