// It ends at its start with a complaint about its settings, though they can be read and none is known to have been
// better.
import { human, neverWell, notRunning, playbook, startedByRuntime } from "./common-checks.ts";

export const missingSetting = playbook({
  id: "missing-setting",
  title: "A setting is missing or wrong",
  vocabulary: [
    "missing setting",
    "missing key",
    "required option",
    "unknown key",
    "invalid value",
    "config error",
    "configuration error",
    "must be a number",
    "is required",
    "bad option",
    "schema validation",
  ],
  appliesTo: ["exited", "crash-loop"],
  cause: "It does not accept its settings ({complains}).",
  prior: 2_500,
  checks: [
    {
      id: "complains",
      question: "Does the log complain about a setting?",
      observe: "config-error-in-log",
      expect: { some: true },
      weight: 1_900,
      against: 6_000,
    },
    neverWell({ weight: 2_400, against: 9_000, discriminates: ["process-crash", "degraded-process"] }),
    {
      id: "readable",
      question: "Can its settings be read?",
      observe: "settings-readable",
      expect: { none: true },
      weight: 900,
      against: 4_000,
      discriminates: ["unreadable-settings"],
    },
    {
      id: "nothing-to-restore",
      question: "Is there no good version to put back?",
      observe: "changed-files",
      expect: { none: true },
      weight: 0,
      against: 4_000,
      discriminates: ["crash-after-bad-config"],
    },
    {
      id: "no-variable",
      question: "Is no variable missing?",
      observe: "missing-variable",
      expect: { none: true },
      weight: 300,
      against: 2_500,
    },
    notRunning({ weight: 700, against: 5_000 }),
    startedByRuntime({ weight: 300, against: 3_000, discriminates: ["bad-command"] }),
  ],
  fixes: [human("Correct the setting that it complains about: {complains}")],
});
