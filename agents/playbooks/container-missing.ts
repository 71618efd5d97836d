// What should run does not exist at all: somebody removed the container, or it was never made.
import { human, notForMemory, playbook } from "./common-checks.ts";

export const containerMissing = playbook({
  id: "container-missing",
  title: "It does not exist",
  vocabulary: [
    "no such container",
    "removed",
    "docker rm",
    "compose down",
    "never created",
    "not deployed",
    "gone",
    "deleted container",
    "prune",
    "does not exist",
  ],
  appliesTo: ["exited", "unreachable"],
  cause: "There is nothing of its name to start ({state}).",
  prior: 3_200,
  checks: [
    {
      id: "state",
      question: "Does nothing of its name exist?",
      observe: "exit-status",
      expect: { is: "absent" },
      weight: 4_600,
      against: 9_000,
      discriminates: ["process-crash", "hang", "bad-command"],
    },
    {
      id: "not-on-purpose",
      question: "Did nobody stop it on purpose?",
      observe: "stopped-by-operator",
      expect: { is: false },
      weight: 600,
      against: 8_000,
    },
    notForMemory({ weight: 500, against: 2_000 }),
  ],
  fixes: [human("Create it again (docker compose up -d), or take it out of the configuration")],
});
