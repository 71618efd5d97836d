// Log events that were accepted and are not in the store yet, on disk: so an answer needs no save, and a kill loses
// nothing. Whoever starts takes them again; what the store had taken of them already it knows by their numbers.
import type { FileHandle } from "node:fs/promises";
import { mkdir, open, readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { logLevels } from "../domain/signal.ts";

export const acceptedSchema = z.tuple([
  z.number().describe("the number that stands for the event"),
  z.string().describe("service, as its sender named it"),
  z.number().describe("when it happened, Unix ms"),
  z.enum(logLevels),
  z.string().describe("source"),
  z.string().describe("text, secrets masked"),
]);
export type AcceptedLog = z.infer<typeof acceptedSchema>;

export interface AcceptedLogs {
  /** Resolves when these, and all that were given before, are on disk. */
  keep(events: readonly AcceptedLog[]): Promise<void>;
  /**
   * To be called as a save of all that was given begins; what it returns, when that is stored: the files that held
   * it go. What is given from now on is for the next save.
   */
  cut(): () => Promise<void>;
  /** What an earlier process left, the oldest first. Goes with the first save behind it. */
  left(): AsyncGenerator<readonly AcceptedLog[]>;
  close(): Promise<void>;
}

/** A file is read whole. */
const FILE_BYTES = 16 * 1024 * 1024;
/** Of a record: how long it is, and its checksum. */
const HEAD_BYTES = 8;
const ENDING = ".logs";

interface OpenFile {
  handle: FileHandle;
  bytes: number;
}

interface Waiting {
  record: Buffer | undefined;
  done: PromiseWithResolvers<void>;
}

/**
 * `onProblem`: a file that cannot be read, or not be removed, stays, and what comes is taken all the same. Touches
 * nothing before it is used.
 */
export function makeAcceptedLogs(folder: string, onProblem: (problem: unknown) => void): AcceptedLogs {
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let current: OpenFile | undefined;
  /** Names of the files whose events are in memory. */
  let files: string[] = [];
  let next: number | undefined;

  /** A record that was written in part ends its file: what came behind it could not be read. */
  async function write(): Promise<void> {
    await Promise.resolve(); // Whoever comes in the same turn is written with the first.
    while (waiting.length > 0) {
      const some = waiting.splice(0);
      const records = some.flatMap(({ record }) => record ?? []);
      try {
        if (records.length > 0) await writeTo((current ??= await openNext()), records);
        for (const { done } of some) done.resolve();
      } catch (error) {
        leave();
        for (const { done } of some) done.reject(error);
      }
    }
    writing = undefined;
  }

  async function writeTo(file: OpenFile, records: readonly Buffer[]): Promise<void> {
    const { handle } = file;
    const all = Buffer.concat(records);
    await handle.appendFile(all);
    await handle.datasync();
    file.bytes += all.length;
    if (file.bytes >= FILE_BYTES && file === current) leave();
  }

  async function openNext(): Promise<OpenFile> {
    if (next === undefined) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      next = Math.max(0, ...(await namesIn(folder)).map((name) => Number.parseInt(name, 10) || 0));
    }
    next += 1;
    const name = `${String(next).padStart(12, "0")}${ENDING}`;
    const handle = await open(join(folder, name), "ax", 0o600);
    files.push(name);
    await syncFolder(folder);
    return { handle, bytes: 0 };
  }

  /** Its handle is closed when nobody writes any more. */
  function leave(): void {
    const left = current;
    current = undefined;
    if (left === undefined) return;
    void Promise.resolve(writing)
      .then(() => left.handle.close())
      .catch(onProblem);
  }

  return {
    keep(events) {
      const done = Promise.withResolvers<void>();
      waiting.push({ record: events.length === 0 ? undefined : recordOf(events), done });
      writing ??= write();
      return done.promise;
    },
    cut() {
      const stored = files;
      files = [];
      leave();
      return async () => {
        for (const name of stored) {
          await unlink(join(folder, name)).catch((error: unknown) => {
            if (isMissing(error)) return;
            files.push(name);
            onProblem(error);
          });
        }
      };
    },
    async *left() {
      const names = await namesIn(folder).catch((error: unknown): string[] => {
        onProblem(error);
        return [];
      });
      for (const name of names) {
        if (files.includes(name)) continue;
        try {
          for (const record of recordsIn(await readFile(join(folder, name)))) yield record;
          files.push(name);
        } catch (error) {
          onProblem(error);
        }
      }
    },
    async close() {
      await writing;
      await current?.handle.close();
      current = undefined;
    },
  };
}

function recordOf(events: readonly AcceptedLog[]): Buffer {
  const body = Buffer.from(JSON.stringify(events));
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(body.length, 0);
  head.writeUInt32LE(crc32(body), 4);
  return Buffer.concat([head, body]);
}

/** Up to the one that was cut off by the end of its writer: nobody was told that it is here. */
function* recordsIn(file: Buffer): Generator<AcceptedLog[]> {
  for (let at = 0; at + HEAD_BYTES <= file.length; ) {
    const begin = at + HEAD_BYTES;
    const end = begin + file.readUInt32LE(at);
    const body = file.subarray(begin, end);
    if (end > file.length || crc32(body) !== file.readUInt32LE(at + 4)) return;
    yield z.array(acceptedSchema).parse(JSON.parse(body.toString("utf8")));
    at = end;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(ENDING)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** So that a new file is still there after a loss of power. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
