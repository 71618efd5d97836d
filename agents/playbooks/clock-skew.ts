// Its clock and ours differ so much that tokens, signatures and certificates are refused.
import { human, logSays, playbook, unchanged } from "./common-checks.ts";

export const clockSkew = playbook({
  id: "clock-skew",
  title: "The clocks differ",
  vocabulary: [
    "clock skew",
    "NTP",
    "chrony",
    "time drift",
    "RequestTimeTooSkewed",
    "token not yet valid",
    "jwt not active",
    "timestamp in the future",
    "clock drift",
    "system time",
    "systemd-timesyncd",
    "wrong time",
  ],
  appliesTo: ["error-rate", "log-errors", "unreachable", "unhealthy"],
  cause: "The clocks differ ({offset}).",
  prior: 2_900,
  checks: [
    {
      id: "offset",
      question: "Is its clock more than half a minute from ours?",
      observe: "clock-offset",
      expect: { atLeast: 30000 },
      weight: 4_300,
      against: 8_500,
      discriminates: ["degraded-process", "certificate-expired", "outside-service-down"],
    },
    logSays("clock", { weight: 1_000, against: 300 }),
    unchanged({ weight: 500, against: 1_500, discriminates: ["crash-after-bad-config"] }),
    {
      id: "ours-right",
      question: "Does our own clock agree with the others'?",
      observe: "own-clock-offset",
      expect: { atMost: 10000 },
      weight: 300,
      against: 0,
    },
  ],
  fixes: [human("Set the clock, and look why it is not kept (NTP): {offset}")],
});
