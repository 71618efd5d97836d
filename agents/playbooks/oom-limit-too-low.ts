// Killed at its memory limit while the machine has room, without a leak: the limit is too low for its work.
import { human, playbook } from "./common-checks.ts";

export const oomLimitTooLow = playbook({
  id: "oom-limit-too-low",
  title: "Its memory limit is too low",
  vocabulary: [
    "oom",
    "out of memory",
    "exit 137",
    "memory limit",
    "cgroup",
    "OOMKilled",
    "killed by kernel",
    "memory cgroup out of memory",
    "Killed",
  ],
  appliesTo: ["oom-killed", "exited", "crash-loop"],
  cause: "The kernel killed it at its memory limit ({limited}), though the machine has room.",
  prior: 3_300,
  checks: [
    {
      id: "killed-for-memory",
      question: "Did the kernel kill it for its memory?",
      observe: "oom-killed",
      expect: { is: true },
      weight: 3_200,
      against: 9_000,
      discriminates: ["process-crash", "crash-after-bad-config"],
    },
    {
      id: "limited",
      question: "Has it a limit below what its owner allows?",
      observe: "memory-limit",
      expect: { some: true },
      weight: 700,
      against: 1_500,
    },
    {
      id: "host-has-room",
      question: "Has the machine memory to spare?",
      observe: "host-memory",
      expect: { atMost: 0.85 },
      weight: 900,
      against: 3_000,
    },
    {
      id: "soon",
      question: "Did it reach the limit within ten minutes of its start?",
      observe: "instance-age",
      expect: { atMost: 600_000 },
      weight: 700,
      against: 800,
      discriminates: ["memory-leak"],
    },
    {
      id: "no-leak",
      question: "Was its memory not growing all the time?",
      observe: "memory-trend",
      expect: { isNot: "growing" },
      weight: 800,
      against: 1_500,
      discriminates: ["memory-leak"],
    },
  ],
  predicts: [
    {
      id: "still-limited",
      question: "Has it still a limit below what its owner allows?",
      observe: "memory-limit",
      expect: { some: true },
    },
  ],
  fixes: [
    {
      id: "raise-limit",
      title: "Raise its memory limit by half and start it",
      class: "limit",
      risk: "medium",
      needs: ["limited"],
      actions: [
        { action: "set-memory-limit", params: { bytes: { from: "limited", at: "proposed" } } },
        { action: "start" },
      ],
    },
    { id: "start", title: "Start it again", class: "restart", risk: "low", actions: [{ action: "start" }] },
    human("Decide whether it may have more memory"),
  ],
});
