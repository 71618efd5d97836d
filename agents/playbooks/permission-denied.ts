// A file or folder that it must read or write belongs to somebody else: after a copy, a restore, a change of user.
import { human, logSays, playbook } from "./common-checks.ts";

export const permissionDenied = playbook({
  id: "permission-denied",
  title: "It may not use its own files",
  vocabulary: [
    "EACCES",
    "EPERM",
    "permission denied",
    "access denied",
    "operation not permitted",
    "chown",
    "chmod",
    "wrong owner",
    "uid",
    "read only for root",
    "PermissionError",
    "umask",
  ],
  appliesTo: ["exited", "crash-loop", "log-errors", "error-rate", "unhealthy"],
  cause: "It may not use its own files ({denied}).",
  prior: 2_900,
  checks: [
    {
      id: "denied",
      question: "May its user not use one of its files?",
      observe: "files-denied",
      expect: { some: true },
      weight: 4_200,
      against: 8_000,
      discriminates: ["process-crash", "degraded-process", "crash-after-bad-config"],
    },
    logSays("permission", { weight: 1_500, against: 1_500 }),
    {
      id: "writable",
      question: "Can its file systems be written?",
      observe: "volume-read-only",
      expect: { none: true },
      weight: 500,
      against: 2_500,
      discriminates: ["read-only-file-system"],
    },
  ],
  fixes: [human("Give the file back to its user: {denied}")],
});
