// No file entries are left on its file system, though there is room: millions of small files.
import { clearable, FREE_SPACE, human, logSays, playbook } from "./common-checks.ts";

export const inodesExhausted = playbook({
  id: "inodes-exhausted",
  title: "No file entries (inodes) are left",
  vocabulary: [
    "inode",
    "inodes",
    "no space left on device",
    "df -i",
    "too many small files",
    "ENOSPC",
    "session files",
    "cache files",
    "mail queue",
    "file entries",
  ],
  appliesTo: ["inodes", "disk", "exited", "crash-loop", "log-errors", "error-rate"],
  cause: "No file entries are left ({entries}).",
  prior: 3_000,
  checks: [
    {
      id: "entries",
      question: "Are all file entries of its file system taken?",
      observe: "volume-inodes",
      expect: { atLeast: 0.97 },
      weight: 4_300,
      against: 8_500,
      discriminates: ["disk-full", "volume-full", "process-crash", "degraded-process"],
    },
    {
      id: "room",
      question: "Is there room on it?",
      observe: "volume-use",
      expect: { atMost: 0.95 },
      weight: 1_000,
      against: 1_500,
      discriminates: ["volume-full", "disk-full"],
    },
    logSays("disk-full", { weight: 700, against: 0 }),
    clearable("entries", 0.02),
  ],
  predicts: [
    {
      id: "still-full",
      question: "Are they still taken?",
      observe: "volume-inodes",
      expect: { atLeast: 0.9 },
    },
  ],
  fixes: [
    FREE_SPACE,
    human("Remove what was left behind in many small files (sessions, caches, spools): {entries}"),
  ],
});
