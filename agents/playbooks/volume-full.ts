// The file system on which it keeps its things is full, while the disks of the machine are not.
import { clearable, FREE_SPACE, human, logSays, playbook } from "./common-checks.ts";

export const volumeFull = playbook({
  id: "volume-full",
  title: "Its volume is full",
  vocabulary: [
    "ENOSPC",
    "no space left",
    "volume full",
    "quota exceeded",
    "EDQUOT",
    "tmpfs full",
    "data volume",
    "mount full",
    "could not extend file",
    "docker volume",
  ],
  appliesTo: ["exited", "crash-loop", "log-errors", "error-rate", "unhealthy", "disk"],
  cause: "Its volume is full ({full}).",
  prior: 3_000,
  checks: [
    {
      id: "full",
      question: "Is a file system that it writes to full?",
      observe: "volume-use",
      expect: { atLeast: 0.97 },
      weight: 4_100,
      against: 8_500,
      discriminates: ["process-crash", "degraded-process", "inodes-exhausted", "crash-after-bad-config"],
    },
    logSays("disk-full", { weight: 1_200, against: 0 }),
    {
      id: "not-the-disk",
      question: "Have the machine's disks room?",
      observe: "disk-usage",
      expect: { atMost: 0.95 },
      weight: 500,
      against: 2_500,
      discriminates: ["disk-full"],
    },
    {
      id: "entries",
      question: "Are file entries left?",
      observe: "volume-inodes",
      expect: { atMost: 0.95 },
      weight: 300,
      against: 800,
      discriminates: ["inodes-exhausted"],
    },
    clearable("space", 0.02),
  ],
  predicts: [
    { id: "still-full", question: "Is it still full?", observe: "volume-use", expect: { atLeast: 0.9 } },
  ],
  fixes: [FREE_SPACE, human("Make room on its volume, or enlarge it: {full}")],
});
