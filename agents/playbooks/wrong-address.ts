// A setting names a host or port where nobody is, while all that it is known to depend on is well.
import { dependenciesWell, human, logSays, playbook } from "./common-checks.ts";

export const wrongAddress = playbook({
  id: "wrong-address",
  title: "A setting names a wrong host or port",
  vocabulary: [
    "wrong host",
    "wrong port",
    "connection refused",
    "ECONNREFUSED",
    "unknown host",
    "bad URL",
    "typo",
    "endpoint",
    "connection string",
    "base url",
    "dsn",
    "misconfigured address",
  ],
  appliesTo: ["exited", "crash-loop", "error-rate", "log-errors", "unreachable", "unhealthy"],
  cause: "A setting leads nowhere ({leads}).",
  prior: 2_600,
  checks: [
    {
      id: "leads",
      question: "Does an address in its settings lead nowhere?",
      observe: "setting-addresses",
      expect: { isNot: "ok" },
      weight: 4_700,
      against: 8_000,
      discriminates: ["process-crash", "degraded-process", "outside-service-down", "hang"],
    },
    logSays("refused", { weight: 1_500, against: 2_600 }),
    dependenciesWell({ weight: 0, against: 4_000, discriminates: ["dependency-down"] }),
    {
      id: "nothing-to-restore",
      question: "Is there no good version to put back?",
      observe: "changed-files",
      expect: { none: true },
      weight: 0,
      against: 3_500,
      discriminates: ["crash-after-bad-config"],
    },
  ],
  fixes: [human("Correct the address: {leads}")],
});
