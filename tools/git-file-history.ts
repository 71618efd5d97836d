// Remembers a service's files as they were while it was well: one snapshot a service, under refs/good/<service>, in the
// same store as the backups. Asked after every healthy check, so "nothing changed" costs one hash and no git.
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import { canonicalJson } from "../domain/json.ts";
import type { FileHistory } from "./backup.ts";
import { type Contents, type GitStore, makeGitStore } from "./git-store.ts";

/** Another process may keep a newer version: after this time the store is asked again. */
const rememberMs = 60_000;

const metaSchema = z.object({
  service: z.string(),
  at: z.number(),
  files: z.array(z.object({ path: z.string(), mode: z.number() })),
});

type KeptFile = Parameters<FileHistory["keepGood"]>[1][number];
interface Good {
  version: string;
  at: number;
  files: KeptFile[];
}

/** `folder`: the store of the backups, or one of its own. `searchPath`: where to look for git, like PATH. */
export function makeGitFileHistory({
  folder,
  clock,
  searchPath,
}: {
  folder: string;
  clock: Clock;
  searchPath?: string;
}): FileHistory {
  const store = makeGitStore(searchPath === undefined ? { folder } : { folder, searchPath });
  const known = new Map<string, { hash: string; version: string; askedAt: number }>();
  return {
    async keepGood(service, files) {
      const hash = hashOf(files);
      const last = known.get(service);
      const now = clock.now();
      if (last?.hash === hash && now - last.askedAt < rememberMs) return last.version;
      const version = await keep(store, service, files, hash, now);
      known.set(service, { hash, version, askedAt: now });
      return version;
    },
    lastGood: (service) => lastGood(store, service),
  };
}

async function keep(
  store: GitStore,
  service: string,
  files: readonly KeptFile[],
  hash: string,
  at: number,
): Promise<string> {
  const kept = await lastGood(store, service).catch(ignoreDamage);
  if (kept !== undefined && hashOf(kept.files) === hash) return kept.version;
  const meta = { service, at, files: files.map(({ path, mode }) => ({ path, mode })) };
  const snapshot = [
    { path: "meta.json", content: Buffer.from(`${JSON.stringify(meta, null, 2)}\n`) },
    ...files.map(({ path, content }) => ({ path: `files/${path}`, content: Buffer.from(content) })),
  ];
  return store.replace(refOf(service), { files: snapshot, at, message: `${service}: good\n` });
}

async function lastGood(store: GitStore, service: string): Promise<Good | undefined> {
  const contents = await store.read(refOf(service));
  return contents === undefined ? undefined : goodIn(contents, service);
}

function goodIn(contents: Contents, service: string): Good {
  if (contents.problems.length > 0) throw damaged(service, contents.problems);
  const meta = metaSchema.safeParse(parsed(contents.files.get("meta.json")));
  if (!meta.success) throw damaged(service, ["meta.json is no description of files"]);
  const files = meta.data.files.map(({ path, mode }) => {
    const content = contents.files.get(`files/${path}`);
    if (content === undefined) throw damaged(service, [`${path} is not in it`]);
    return { path, mode, content: content.toString("utf8") };
  });
  return { version: contents.commit, at: meta.data.at, files };
}

function parsed(content: Buffer | undefined): unknown {
  try {
    return JSON.parse(content?.toString("utf8") ?? "");
  } catch {
    return undefined;
  }
}

/** What is damaged is replaced by what is good now. */
function ignoreDamage(error: unknown): undefined {
  if (!(error instanceof HealError && error.code === "history-corrupt")) throw error;
}

function damaged(service: string, problems: string[]): HealError {
  return new HealError(`the last good version of ${service} is damaged: ${problems.join("; ")}`, {
    code: "history-corrupt",
    hint: "a new one is kept as soon as the service is well",
  });
}

function hashOf(files: readonly KeptFile[]): string {
  const sorted = [...files].sort((one, other) => (one.path < other.path ? -1 : 1));
  const plain = sorted.map(({ path, mode, content }) => ({ path, mode, content }));
  return createHash("sha256").update(canonicalJson(plain)).digest("hex");
}

/** Every name makes a valid ref, and no two the same. */
function refOf(service: string): string {
  const name = service.replaceAll(/[^A-Za-z0-9_-]/gu, (one) => `%${Buffer.from(one).toString("hex")}`);
  return `refs/good/${name}`;
}
