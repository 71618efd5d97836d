// How a backup lies in the store: meta.json describes it, the captured files stand beside it as they were.
import { createHash } from "node:crypto";
import { z } from "zod";
import { HealError } from "../domain/errors.ts";
import { canonicalJson, jsonSchema } from "../domain/json.ts";
import type { BackupMeta, BackupRequest, BackupStep } from "./backup.ts";
import type { Contents, StoredFile } from "./git-store.ts";

export const backupRefs = "refs/backups/";
export const keyRefs = "refs/keys/";
const idPattern = /^backup_\d{8}_\d{6}(_\d+)?$/;

const metaSchema = z.object({
  version: z.literal(1),
  id: z.string().regex(idPattern),
  at: z.number(),
  runId: z.string(),
  planId: z.string(),
  service: z.string(),
  reason: z.string(),
  confidenceBp: z.number(),
  files: z.array(z.string()),
  steps: z.array(
    z.object({
      step: z.number(),
      action: z.string(),
      service: z.string(),
      state: jsonSchema,
      /** `stored`: where its content is in the snapshot; null: the file did not exist. */
      files: z.array(z.object({ path: z.string(), mode: z.number(), stored: z.string().nullable() })),
    }),
  ),
});
type StoredMeta = z.infer<typeof metaSchema>;

export function isId(text: string): boolean {
  return idPattern.test(text);
}

export function refOf(id: string): string {
  return `${backupRefs}${id}`;
}

/** The snapshot of a request: meta.json, and each captured file under step-<n>/<its path>. */
export function filesOf(id: string, at: number, request: BackupRequest): StoredFile[] {
  const files: StoredFile[] = [];
  const steps = request.steps.map(({ step, action, service, captured }) => ({
    step,
    action,
    service,
    state: captured.state,
    files: captured.files.map(({ path, mode, content }) => {
      const stored = content === null ? null : `step-${step}/${path}`;
      if (content !== null) files.push({ path: `step-${step}/${path}`, content: Buffer.from(content) });
      return { path, mode, stored };
    }),
  }));
  const { runId, planId, service, reason, confidenceBp } = request;
  const paths = [...new Set(request.steps.flatMap((one) => one.captured.files.map((file) => file.path)))];
  const about = { id, at, runId, planId, service, reason, confidenceBp, files: paths };
  const meta: StoredMeta = { version: 1, ...about, steps };
  return [{ path: "meta.json", content: Buffer.from(`${JSON.stringify(meta, null, 2)}\n`) }, ...files];
}

/** The backup in a snapshot that was read. HealError "backup-corrupt". */
export function contentOf(contents: Contents, id: string): { meta: BackupMeta; steps: BackupStep[] } {
  const meta = storedMeta(contents, id);
  const steps = meta.steps.map(({ step, action, service, state, files }) => ({
    step,
    action,
    service,
    captured: {
      state,
      files: files.map(({ path, mode, stored }) => {
        const content = stored === null ? null : contents.files.get(stored)?.toString("utf8");
        if (content === undefined)
          throw corrupt(id, [...contents.problems, `${path} is not in the snapshot`]);
        return { path, mode, content };
      }),
    },
  }));
  return { meta: publicMeta(meta), steps };
}

/** A backup whose description is lost stays in the list, so that its loss is seen. */
export function listed(id: string, meta: Buffer | undefined): BackupMeta {
  try {
    return publicMeta(metaSchema.parse(JSON.parse(meta?.toString("utf8") ?? "")));
  } catch {
    const reason = "this backup is damaged; verify it for details";
    return { id, at: timeOf(id), runId: "", service: "", reason, confidenceBp: 0, files: [] };
  }
}

function storedMeta(contents: Contents, id: string): StoredMeta {
  if (contents.problems.length > 0) throw corrupt(id, contents.problems);
  try {
    return metaSchema.parse(JSON.parse(contents.files.get("meta.json")?.toString("utf8") ?? ""));
  } catch {
    throw corrupt(id, ["meta.json is no description of a backup"]);
  }
}

function publicMeta({ id, at, runId, service, reason, confidenceBp, files }: StoredMeta): BackupMeta {
  return { id, at, runId, service, reason, confidenceBp, files };
}

function corrupt(id: string, problems: string[]): HealError {
  return new HealError(`the backup ${id} is damaged: ${problems.join("; ")}`, {
    code: "backup-corrupt",
    hint: "restore the store from a copy, or put the files back by hand",
  });
}

/** The same run and plan always have the same name, so a backup is taken once. */
export function keyRef(runId: string, planId: string): string {
  return `${keyRefs}${createHash("sha256")
    .update(canonicalJson([runId, planId]))
    .digest("hex")}`;
}

/** backup_YYYYMMDD_HHMMSS in UTC; from the second in the same second on with _2, _3 … */
export function idAt(at: number, n: number): string {
  const digits = new Date(at).toISOString().replaceAll(/[-:]/g, "").replace("T", "_").slice(0, 15);
  return n === 1 ? `backup_${digits}` : `backup_${digits}_${n}`;
}

function timeOf(id: string): number {
  const [, year, month, day, hour, minute, second] =
    /^backup_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)/.exec(id)?.map(Number) ?? [];
  return Date.UTC(year ?? 1970, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0);
}
