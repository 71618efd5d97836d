// The service runs and answers, but the health check asks for what is not there or not allowed.
import { dependenciesWell, human, neverWell, playbook, running } from "./common-checks.ts";

export const healthCheckWrong = playbook({
  id: "health-check-wrong",
  title: "Its health check asks for the wrong thing",
  vocabulary: [
    "404",
    "not found",
    "401",
    "403",
    "405",
    "health check path",
    "wrong endpoint",
    "healthz",
    "readiness path",
    "method not allowed",
    "probe misconfigured",
  ],
  appliesTo: ["error-rate", "unhealthy"],
  cause: "It answers, but the health check asks for the wrong thing ({status}).",
  prior: 2_600,
  checks: [
    {
      id: "status",
      question: "Is the check refused as not found or not allowed?",
      observe: "answer-status",
      expect: { oneOf: [401, 403, 404, 405] },
      weight: 3_700,
      against: 8_500,
      discriminates: ["degraded-process", "hang", "unhealthy-after-deploy", "upstream-errors"],
    },
    neverWell({ weight: 1_700, against: 6_500, discriminates: ["degraded-process"] }),
    running({ weight: 700, against: 8_000, discriminates: ["process-crash"] }),
    dependenciesWell({ weight: 300, against: 1_000 }),
  ],
  fixes: [human("Correct the health check in the configuration: {status}")],
});
