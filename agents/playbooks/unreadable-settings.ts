// A settings file is no longer what its name says (JSON, YAML, TOML …), and no good version of it is known.
import { human, neverWell, playbook } from "./common-checks.ts";

export const unreadableSettings = playbook({
  id: "unreadable-settings",
  title: "A settings file cannot be read",
  vocabulary: [
    "syntax error",
    "unexpected token",
    "parse error",
    "invalid JSON",
    "YAMLException",
    "TOMLDecodeError",
    "bad indentation",
    "trailing comma",
    "malformed",
    "unterminated",
    "config file broken",
  ],
  appliesTo: ["exited", "crash-loop", "unhealthy", "error-rate", "log-errors"],
  cause: "A settings file cannot be read ({broken}).",
  prior: 2_900,
  checks: [
    {
      id: "broken",
      question: "Is one of its settings files not of its format?",
      observe: "settings-readable",
      expect: { some: true },
      weight: 4_300,
      against: 8_500,
      discriminates: ["process-crash", "missing-setting", "missing-variable", "degraded-process"],
    },
    {
      id: "nothing-to-restore",
      question: "Is there no good version to put back?",
      observe: "changed-files",
      expect: { none: true },
      weight: 0,
      against: 3_500,
      discriminates: ["crash-after-bad-config"],
    },
    neverWell({ weight: 1_100, against: 3_500, discriminates: ["process-crash"] }),
    {
      id: "says-so",
      question: "Does the log complain about it?",
      observe: "config-error-in-log",
      expect: { some: true },
      weight: 700,
      against: 0,
    },
  ],
  fixes: [human("Correct the file: {broken}")],
});
