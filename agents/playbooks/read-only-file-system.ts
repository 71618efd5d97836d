// A file system that it writes to can only be read: remounted after a disk fault, or mounted so by mistake.
import { human, logSays, playbook } from "./common-checks.ts";

export const readOnlyFileSystem = playbook({
  id: "read-only-file-system",
  title: "Its file system can only be read",
  vocabulary: [
    "EROFS",
    "read-only file system",
    "read only",
    "remounted",
    "mount ro",
    "disk error",
    "errors=remount-ro",
    "cannot write",
    "ext4 error",
    "immutable",
  ],
  appliesTo: ["exited", "crash-loop", "log-errors", "error-rate", "unhealthy", "hung"],
  cause: "It cannot write: {locked}.",
  prior: 3_000,
  checks: [
    {
      id: "locked",
      question: "Can a file system that it writes to only be read?",
      observe: "volume-read-only",
      expect: { some: true },
      weight: 4_400,
      against: 8_500,
      discriminates: ["permission-denied", "disk-full", "volume-full", "process-crash", "degraded-process"],
    },
    logSays("read-only", { weight: 1_300, against: 500 }),
    {
      id: "room",
      question: "Is there room on it?",
      observe: "volume-use",
      expect: { atMost: 0.95 },
      weight: 300,
      against: 800,
      discriminates: ["volume-full"],
    },
  ],
  fixes: [human("Mount it writable again, and look into the machine's log for disk faults: {locked}")],
});
