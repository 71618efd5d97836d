// Another process listens on its port, so that it cannot: whoever came second ends at its start.
import { human, logSays, neverWell, notRunning, playbook } from "./common-checks.ts";

export const portTaken = playbook({
  id: "port-taken",
  title: "Its port is taken by another process",
  vocabulary: [
    "EADDRINUSE",
    "address already in use",
    "port is already allocated",
    "bind failed",
    "could not bind",
    "listen tcp",
    "port conflict",
    "socket in use",
    "only one usage of each socket address",
    "already listening",
  ],
  appliesTo: ["exited", "crash-loop", "unreachable", "error-rate"],
  cause: "It cannot listen: {holder}.",
  prior: 2_600,
  checks: [
    {
      id: "holder",
      question: "Does another process hold its port?",
      observe: "port-holder",
      expect: { is: "other" },
      weight: 4_400,
      against: 8_500,
      discriminates: ["process-crash", "crash-after-bad-config", "bad-command", "missing-variable"],
    },
    notRunning({ weight: 600, against: 3_000 }),
    neverWell({ weight: 1_000, against: 6_000, discriminates: ["process-crash"] }),
    logSays("port-taken", { weight: 700, against: 0 }),
  ],
  fixes: [human("Stop what holds the port, or give one of them another port: {holder}")],
});
