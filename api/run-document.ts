// The document of a run, as `runs export` writes it and GET /api/runs/{id}/export sends it: read, checked, hashed.
import { createHash } from "node:crypto";
import { z } from "zod";
import { HealError } from "../domain/errors.ts";
import { canonicalJson, type Json } from "../domain/json.ts";
import type { RunExport } from "../knowledge/records.ts";
import { runExport } from "./http/schemas/answers.ts";

/** Either form: with times as Unix milliseconds (a file) or ISO 8601 (the API). HealError "bad-run-document". */
export function readRunDocument(value: unknown): RunExport {
  const sent = z.safeEncode(runExport, value as z.output<typeof runExport>);
  if (sent.success) return sent.data;
  if (z.safeDecode(runExport, value as RunExport).success) return withoutStrangers(value as RunExport);
  const problem = sent.error.issues[0];
  throw new HealError(
    `This is no document of a run: ${problem?.path.join(".") || "the whole"}: ${problem?.message ?? ""}`,
    {
      code: "bad-run-document",
      hint: "opsmedic runs export <id> writes one; so does GET /api/runs/{id}/export.",
    },
  );
}

/** Fields that no schema knows are left behind. */
function withoutStrangers({ version, run, steps, journal, incident }: RunExport): RunExport {
  return { version, run, steps, journal, incident };
}

/** The same for the same document, whatever the order of its keys. */
export function documentHash(document: RunExport): string {
  return createHash("sha256")
    .update(canonicalJson(document as unknown as Json))
    .digest("hex");
}
