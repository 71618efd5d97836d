// A disk is full. What may go is not for a machine to decide: what the owner's rules give up, else a human is told.
import { clearable, FREE_SPACE, REMOVABLE_IMAGES, REMOVE_IMAGES, human, playbook } from "./common-checks.ts";

export const diskFull = playbook({
  id: "disk-full",
  title: "A disk is full",
  vocabulary: [
    "ENOSPC",
    "no space left",
    "disk full",
    "inode",
    "disk usage",
    "df",
    "quota",
    "log files too big",
    "storage full",
  ],
  appliesTo: ["disk", "log-errors", "error-rate", "exited", "crash-loop", "not-saved"],
  cause: "The disk is full ({full}).",
  prior: 3_800,
  checks: [
    {
      id: "full",
      question: "Is a disk full?",
      observe: "disk-usage",
      expect: { atLeast: 0.95 },
      weight: 4_200,
      against: 8_000,
      discriminates: ["process-crash", "degraded-process", "crash-after-bad-config"],
    },
    {
      id: "says-so",
      question: "Does the log say that there is no space?",
      observe: "log-pattern",
      params: { pattern: "disk-full" },
      expect: { atLeast: 1 },
      weight: 900,
      against: 0,
    },
    {
      id: "detected",
      question: "Did the detectors find the disk full?",
      observe: "symptom",
      params: { kinds: ["disk"] },
      expect: { some: true },
      weight: 700,
      against: 200,
    },
    clearable("space", 0.01),
    REMOVABLE_IMAGES,
  ],
  predicts: [
    { id: "still-full", question: "Is it still full?", observe: "disk-usage", expect: { atLeast: 0.9 } },
  ],
  fixes: [REMOVE_IMAGES, FREE_SPACE, human("Make room on the disk")],
});
