// Follows the files of a glob like `tail -F`: rotation by rename or by copy and truncate, new files, half lines.
// Each line is given out once; what cannot be read is reported and tried again, never a crash.
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Clock } from "../domain/clock.ts";
import { messageOf } from "../domain/errors.ts";
import { filesMatching, folderOf } from "./log-file-glob.ts";
import { hintsOf } from "./log-file-hints.ts";
import { hintOfUnreadable, isForbidden, NO_FILE } from "./log-file-problem.ts";
import {
  type FilePosition,
  fileId,
  type LogFileReader,
  makeLogFileReader,
  openRegular,
} from "./log-file-reader.ts";
import { makeLogFileStarts } from "./log-file-start.ts";

export interface FileLine {
  at: number;
  path: string;
  text: string;
}

/** Reported when it changes. */
export interface LogFileStatus {
  /** The file, or the glob when it matches none. */
  path: string;
  ok: boolean;
  text: string;
  at: number;
  /** What would help, where it is known. */
  hint?: string;
}

export interface LogFileFollowerSettings {
  /** Absolute path or glob. */
  glob: string;
  clock: Clock;
  /** Where an earlier follower stopped; without it, what is in the files already is not given out. */
  positions?: readonly FilePosition[];
  onStatus?: (status: LogFileStatus) => void;
  pollMs?: number;
  /** How often the glob is looked up again where no hint of a change came. */
  scanMs?: number;
  /** How long a renamed file is read on: its writer may not have reopened yet. */
  lingerMs?: number;
  /** A last line without line break is given out when nothing followed for so long. */
  partialMs?: number;
  maxLineBytes?: number;
}

export interface LogFileFollower {
  /** Resolves when aborted. To be called once. */
  follow(onLine: (line: FileLine) => void, signal: AbortSignal): Promise<void>;
  /** Up to where lines were given out; also after `follow` has ended. */
  positions(): FilePosition[];
}

interface Followed {
  reader: LogFileReader;
  /** No longer under a name that matches, since. */
  goneAt: number | undefined;
  /** When its unfinished last line was last seen to grow. */
  pending: { bytes: number; since: number };
}

export function makeLogFileFollower({
  glob,
  clock,
  positions = [],
  onStatus = () => {},
  pollMs = 500,
  scanMs = 2_000,
  lingerMs = 10_000,
  partialMs = 5_000,
  maxLineBytes = 32_000,
}: LogFileFollowerSettings): LogFileFollower {
  const files = new Map<string, Followed>();
  const problems = new Map<string, string>();
  const starts = makeLogFileStarts(clock, positions);
  let started = false;

  const readersNow = () => [...files.values()].map(({ reader }) => reader);
  const positionsNow = () => readersNow().map((reader) => reader.position());

  function report(where: string, problem: string | undefined, hint?: string): void {
    if (problems.get(where) === problem) return;
    if (problem === undefined) problems.delete(where);
    else problems.set(where, problem);
    const text = problem ?? "readable";
    const helps = problem !== undefined && hint !== undefined ? { hint } : {};
    onStatus({ path: where, ok: problem === undefined, text, at: clock.now(), ...helps });
  }

  /** What could not be read is there no longer: that is over. */
  function reportGone(where: string): void {
    if (problems.delete(where)) onStatus({ path: where, ok: true, text: "gone", at: clock.now() });
  }

  async function take(name: string, goneAt?: number): Promise<void> {
    const opened = await openRegular(name);
    const emptied = readersNow().flatMap((reader) => reader.emptiedAt() ?? []);
    // Renamed between listing and opening: it is followed already.
    const known = files.has(fileId(opened.stats));
    const offset = known ? undefined : await starts.of(name, opened, [...positionsNow(), ...emptied]);
    if (offset === undefined) return await opened.handle.close();
    const reader = await makeLogFileReader(name, opened, { offset, maxLineBytes });
    files.set(reader.id, { reader, goneAt, pending: { bytes: 0, since: clock.now() } });
    report(name, undefined);
  }

  /** What the glob means now: id of the file, and its name. */
  async function listed(): Promise<Map<string, string>> {
    const names = await filesMatching(glob);
    const named = new Map<string, string>();
    for (const name of names) {
      await stat(name).then(
        (stats) => named.set(fileId(stats), name),
        (error: unknown) => cannotRead(name, error),
      );
    }
    for (const name of problems.keys()) if (name !== glob && !names.includes(name)) reportGone(name);
    if (!names.includes(glob)) report(glob, names.length === 0 ? "no file matches" : undefined, NO_FILE);
    return named;
  }

  function cannotRead(name: string, error: unknown): void {
    if (isForbidden(error)) starts.unreadable(name);
    report(name, messageOf(error), hintOfUnreadable(error));
  }

  async function scan(): Promise<void> {
    const named = await listed();
    for (const [id, file] of files) {
      const name = named.get(id);
      file.goneAt = name === undefined ? (file.goneAt ?? clock.now()) : undefined;
      if (name !== undefined) file.reader.path = name;
    }
    if (!started) await takeRotated(named);
    for (const [id, name] of named) {
      if (!files.has(id)) await take(name).catch((error: unknown) => cannotRead(name, error));
    }
    starts.begun();
    started = true;
  }

  /** Files that were renamed while nobody followed them still have an end that was not read. */
  async function takeRotated(named: ReadonlyMap<string, string>): Promise<void> {
    for (const { device, inode, path: was } of positions) {
      if (named.has(`${device}:${inode}`)) continue;
      const folder = path.dirname(was);
      for (const name of await readdir(folder).catch(() => [])) {
        const whole = path.join(folder, name);
        const stats = await stat(whole).catch(() => undefined);
        if (stats?.ino === inode && stats.dev === device) await take(whole, clock.now()).catch(() => {});
      }
    }
  }

  /** True when there is more to read at once. */
  async function readAll(onLine: (line: FileLine) => void): Promise<boolean> {
    let more = false;
    for (const [id, file] of files) {
      const { reader } = file;
      const give = (text: string) => onLine({ at: clock.now(), path: reader.path, text });
      try {
        const end = await reader.read(give);
        if (end === "more") more = true;
        else if (settle(file, give)) await forget(id, file, give);
      } catch (error) {
        report(reader.path, messageOf(error));
        await forget(id, file, give);
      }
    }
    return more;
  }

  /** Gives out a last line that does not grow any more; true when the file can be let go. */
  function settle({ reader, pending, goneAt }: Followed, give: (text: string) => void): boolean {
    const now = clock.now();
    if (reader.pending() !== pending.bytes) Object.assign(pending, { bytes: reader.pending(), since: now });
    else if (pending.bytes > 0 && now - pending.since >= partialMs) reader.flush(give);
    return goneAt !== undefined && now - goneAt >= lingerMs;
  }

  async function forget(id: string, { reader }: Followed, give: (text: string) => void): Promise<void> {
    reader.flush(give);
    starts.ended(reader.position());
    files.delete(id);
    await reader.close().catch(() => {});
  }

  return {
    positions: () => (started ? positionsNow() : [...positions]),
    async follow(onLine, signal) {
      const hints = hintsOf(folderOf(glob));
      try {
        for (let scannedAt = -Infinity; !signal.aborted; ) {
          if (clock.now() - scannedAt >= scanMs || hints.namesChanged()) {
            scannedAt = clock.now();
            await scan();
          }
          const more = await readAll(onLine);
          if (!more) await Promise.race([clock.sleep(pollMs, signal).catch(() => {}), hints.next()]);
        }
      } finally {
        hints.close();
        for (const reader of readersNow()) await reader.close().catch(() => {});
      }
    },
  };
}
