// A host that it needs cannot be found by its name: the name server is silent, or the name is gone.
import { human, logSays, playbook, unchanged } from "./common-checks.ts";

export const dnsFailure = playbook({
  id: "dns-failure",
  title: "A name that it needs cannot be found",
  vocabulary: [
    "DNS",
    "ENOTFOUND",
    "EAI_AGAIN",
    "name resolution",
    "no such host",
    "could not resolve host",
    "UnknownHostException",
    "name server",
    "resolv.conf",
    "NXDOMAIN",
    "SERVFAIL",
    "getaddrinfo",
  ],
  appliesTo: [
    "error-rate",
    "log-errors",
    "unreachable",
    "dependency-down",
    "exited",
    "crash-loop",
    "unhealthy",
    "latency",
  ],
  cause: "A name cannot be found ({unresolved}).",
  prior: 3_200,
  checks: [
    {
      id: "unresolved",
      question: "Can a host that it needs not be found by name now?",
      observe: "names-resolve",
      expect: { isNot: "ok" },
      weight: 4_600,
      against: 8_500,
      discriminates: ["outside-service-down", "dependency-down", "degraded-process", "process-crash"],
    },
    logSays("unknown-host", { weight: 1_000, against: 300 }),
    unchanged({ weight: 500, against: 2_500, discriminates: ["crash-after-bad-config"] }),
  ],
  fixes: [human("Look at the name server, or correct the name: {unresolved}")],
});
