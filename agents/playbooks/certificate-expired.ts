// The certificate that it shows has ended, so that nobody who checks it will talk to it.
import { human, logSays, playbook } from "./common-checks.ts";

export const certificateExpired = playbook({
  id: "certificate-expired",
  title: "Its certificate has ended",
  vocabulary: [
    "certificate has expired",
    "CERT_HAS_EXPIRED",
    "x509",
    "TLS",
    "SSL",
    "handshake failed",
    "renew",
    "certbot",
    "ACME",
    "notAfter",
    "SSLHandshakeException",
    "https",
    "expired certificate",
  ],
  appliesTo: ["unreachable", "error-rate", "log-errors", "unhealthy", "dependency-down"],
  cause: "Its certificate has ended ({ended}).",
  prior: 3_300,
  checks: [
    {
      id: "ended",
      question: "Has the certificate that it shows ended?",
      observe: "certificate-days",
      expect: { atMost: -1 },
      weight: 4_700,
      against: 9_000,
      discriminates: [
        "outside-service-down",
        "hang",
        "degraded-process",
        "dependency-down",
        "certificate-refused",
      ],
    },
    {
      id: "port-open",
      question: "Does it accept connections?",
      observe: "port-open",
      expect: { is: true },
      weight: 800,
      against: 2_500,
      discriminates: ["process-crash", "outside-service-down"],
    },
    logSays("certificate", { weight: 300, against: 0 }),
  ],
  fixes: [human("Renew the certificate and let the service read it: {ended}")],
});
