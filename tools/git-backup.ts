// Backups as snapshots in opsmedic's own git store: what an action captured, with all that is needed to put it back,
// under refs/backups/<id>. A backup counts only after it was read back and found equal.
import type { Clock } from "../domain/clock.ts";
import { HealError, messageOf } from "../domain/errors.ts";
import { canonicalJson, type Json } from "../domain/json.ts";
import type { BackupMeta, BackupRequest, BackupStep, Backups } from "./backup.ts";
import {
  backupRefs,
  contentOf,
  filesOf,
  idAt,
  isId,
  keyRef,
  keyRefs,
  listed,
  refOf,
} from "./backup-format.ts";
import { type Contents, type GitStore, makeGitStore, pendingRefs } from "./git-store.ts";

/** `folder` is the store itself, made with mode 0700: it holds copies of configuration, secrets included. */
export function makeGitBackups({
  folder,
  clock,
  searchPath,
}: {
  folder: string;
  clock: Clock;
  searchPath?: string;
}): Backups {
  const store = makeGitStore(searchPath === undefined ? { folder } : { folder, searchPath });
  return {
    take: (request) => take(store, request, clock.now()),
    list: () => list(store),
    read: (id) => read(store, id),
    verify: (id) => verify(store, id),
    prune: (olderThan) => prune(store, olderThan),
  };
}

const mostInOneSecond = 1_000;

async function take(store: GitStore, request: BackupRequest, at: number): Promise<BackupMeta> {
  const key = keyRef(request.runId, request.planId);
  for (let n = 1; n <= mostInOneSecond; n += 1) {
    await using reader = await store.reader();
    const earlier = await store.read(key, reader);
    if (earlier !== undefined) return contentOf(earlier, key).meta;
    const id = idAt(at, n);
    if ((await reader.get(refOf(id))).status !== "missing") continue;
    const snapshot = {
      files: filesOf(id, at, request),
      at,
      message: `${request.service}: ${request.reason}\n`,
    };
    if ((await store.create([refOf(id), key], snapshot)) === "exists") {
      // Another process was quicker with this id, or with this very backup.
      const quicker = await readNamed(store, key);
      if (quicker !== undefined) return contentOf(quicker, key).meta;
      continue;
    }
    const meta = readBack(await store.read(refOf(id), reader), id, request);
    if (meta !== undefined) return meta;
    await store.remove([refOf(id), key]);
    throw new HealError(`the backup ${id} could not be read back as it was written`, {
      code: "backup-unverified",
      retryable: true,
      hint: "check the disk that holds opsmedic's data folder",
    });
  }
  throw new HealError(`no free name for a backup among ${mostInOneSecond}`, {
    code: "git-failed",
    retryable: true,
  });
}

function readBack(
  contents: Contents | undefined,
  id: string,
  request: BackupRequest,
): BackupMeta | undefined {
  if (contents === undefined || contents.problems.length > 0) return undefined;
  const { meta, steps } = contentOf(contents, id);
  return canonicalJson(plain(steps)) === canonicalJson(plain(request.steps)) ? meta : undefined;
}

/** What JSON keeps of a value, so that both sides of a comparison went the same way. */
function plain(steps: BackupStep[]): Json {
  return JSON.parse(JSON.stringify(steps)) as Json;
}

async function list(store: GitStore): Promise<BackupMeta[]> {
  const refs = await store.refs(backupRefs);
  await using reader = await store.reader();
  const metas: BackupMeta[] = [];
  for (const { ref } of refs) {
    const found = await reader.get(`${ref}:meta.json`);
    metas.push(listed(ref.slice(backupRefs.length), found.status === "found" ? found.content : undefined));
  }
  return metas.sort((one, other) => other.at - one.at || (one.id < other.id ? 1 : -1));
}

async function read(store: GitStore, id: string): Promise<{ meta: BackupMeta; steps: BackupStep[] }> {
  return contentOf(await find(store, id), id);
}

async function verify(store: GitStore, id: string): Promise<{ ok: boolean; problems: string[] }> {
  const contents = await find(store, id);
  const problems = [...contents.problems];
  if (problems.length === 0) {
    try {
      contentOf(contents, id);
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  return { ok: problems.length === 0, problems };
}

async function prune(store: GitStore, olderThan: number): Promise<string[]> {
  const old = (await list(store)).filter((meta) => meta.at < olderThan).map((meta) => meta.id);
  const backups = (await store.refs(backupRefs)).filter(({ ref }) =>
    old.includes(ref.slice(backupRefs.length)),
  );
  const commits = new Set(backups.map(({ commit }) => commit));
  const keys = (await store.refs(keyRefs)).filter(({ commit }) => commits.has(commit));
  const pending = (await store.refs(pendingRefs)).filter(
    ({ ref }) => Number.parseInt(ref.slice(pendingRefs.length), 10) < olderThan,
  );
  const gone = [...backups, ...keys, ...pending].map(({ ref }) => ref);
  await store.remove(gone);
  if (gone.length > 0) await store.tidy();
  return old;
}

/** undefined only when there is no such name; a name whose snapshot is lost is a problem to tell. */
async function readNamed(store: GitStore, ref: string): Promise<Contents | undefined> {
  const contents = await store.read(ref);
  const [named] = contents === undefined ? await store.refs(ref) : [];
  if (named === undefined) return contents;
  // It may have come up just between the two questions.
  const again = await store.read(ref);
  if (again !== undefined) return again;
  return { commit: named.commit, files: new Map(), problems: [`the snapshot ${named.commit} is missing`] };
}

async function find(store: GitStore, id: string): Promise<Contents> {
  const contents = isId(id) ? await readNamed(store, refOf(id)) : undefined;
  if (contents !== undefined) return contents;
  throw new HealError(`there is no backup ${JSON.stringify(id.slice(0, 100))}`, {
    code: "backup-not-found",
    hint: "opsmedic backups ls shows those that are kept",
  });
}
