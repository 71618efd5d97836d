// Everything outside fails at once, while what runs here is well: the way out is cut.
import { human, playbook, unchanged } from "./common-checks.ts";

export const networkDown = playbook({
  id: "network-down",
  title: "The way out is cut",
  vocabulary: [
    "network unreachable",
    "ENETUNREACH",
    "EHOSTUNREACH",
    "no route to host",
    "firewall",
    "uplink",
    "internet down",
    "routing",
    "VPN",
    "egress blocked",
    "packet loss",
  ],
  appliesTo: ["dependency-down", "unreachable", "error-rate", "log-errors"],
  cause: "Nothing outside can be reached ({cut}).",
  prior: 3_300,
  checks: [
    {
      id: "cut",
      question: "Does everything outside fail now?",
      observe: "outside-failing",
      expect: { atLeast: 0.99 },
      weight: 4_600,
      against: 8_500,
      discriminates: ["outside-service-down", "upstream-errors", "upstream-timeout", "dependency-down"],
    },
    {
      id: "inside-well",
      question: "Is another service well?",
      observe: "healthy-neighbour",
      expect: { some: true },
      weight: 700,
      against: 500,
      discriminates: ["host-memory-short"],
    },
    unchanged({ weight: 500, against: 2_000, discriminates: ["crash-after-bad-config"] }),
  ],
  fixes: [human("Look at the way out: gateway, firewall, provider")],
});
