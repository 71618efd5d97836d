// Log files on a real disk, written by real processes, rotated and truncated under the reader.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseConfig } from "../../api/config.ts";
import {
  type FileLine,
  type LogFileFollowerSettings,
  type LogFileStatus,
  makeLogFileFollower,
} from "../../tools/log-file-follower.ts";
import { wallClock } from "./service.ts";

let folder: string;
const running: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "opsmedic-logs-"));
});
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
  rmSync(folder, { recursive: true, force: true });
});

const inFolder = (name: string) => path.join(folder, name);
const patience = { timeout: 20_000, interval: 20 };

/** Follows until stopped, and has looked at the files once when it comes back. */
async function follow(glob: string, settings: Partial<LogFileFollowerSettings> = {}) {
  const lines: FileLine[] = [];
  const statuses: LogFileStatus[] = [];
  let looks = 0;
  const clock = {
    now: wallClock.now,
    sleep: (ms: number, signal?: AbortSignal) => {
      looks += 1;
      return wallClock.sleep(ms, signal);
    },
  };
  const follower = makeLogFileFollower({
    glob: inFolder(glob),
    clock,
    pollMs: 20,
    scanMs: 60,
    lingerMs: 300,
    partialMs: 200,
    onStatus: (status) => statuses.push(status),
    ...settings,
  });
  const stopping = new AbortController();
  const following = follower.follow((line) => lines.push(line), stopping.signal);
  const stop = async () => {
    stopping.abort();
    await following;
  };
  running.push(stop);
  await expect.poll(() => looks, patience).toBeGreaterThan(0);
  const texts = () => lines.map((one) => one.text);
  return { lines, texts, statuses, follower, stop };
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index} of a real program`);

function startWriter(file: string, lines: number): ChildProcess {
  const writer = spawn(
    process.execPath,
    [path.join(import.meta.dirname, "log-writer.ts"), file, String(lines)],
    {
      stdio: "inherit",
    },
  );
  running.push(async () => {
    if (writer.exitCode === null && writer.kill("SIGKILL")) await once(writer, "exit");
  });
  return writer;
}

describe("a followed log file", () => {
  it("gives out what is appended, not what was there", async () => {
    writeFileSync(inFolder("app.log"), "old\n");
    const { texts, lines } = await follow("app.log");
    appendFileSync(inFolder("app.log"), "one\r\ntwo\n\nthree\n");
    await expect.poll(texts, patience).toEqual(["one", "two", "three"]);
    expect(lines[0]).toMatchObject({ path: inFolder("app.log") });
  });

  it("is found below a configuration's folder whose name would be a pattern", async () => {
    const odd = inFolder("shop [prod] (new)");
    mkdirSync(path.join(odd, "logs"), { recursive: true });
    const { services } = parseConfig(
      'services: [{ name: shop, logs: [{ file: "logs/*.log" }, { file: plain.txt }], cleanUp: { logs: [{ files: "logs/*.old" }] } }]\n',
      { file: null, shown: "opsmedic.yaml", baseDir: odd, variables: {} },
    );
    expect(services[0]?.cleanUp).toMatchObject([{ root: path.join(odd, "logs"), glob: "*.old" }]);
    for (const [at, file] of ["logs/app.log", "plain.txt"].entries()) {
      const source = services[0]?.logs[at];
      if (source?.kind !== "file") throw new Error("no file");
      const { texts, stop } = await follow("", { glob: source.glob });
      appendFileSync(path.join(odd, file), "one\n");
      await expect.poll(texts, patience).toEqual(["one"]);
      await stop();
    }
  });

  it("waits for the rest of a half line, but not for ever", async () => {
    const { texts } = await follow("app.log", { partialMs: 400 });
    appendFileSync(inFolder("app.log"), "first ha");
    appendFileSync(inFolder("app.log"), "lf\nlast words");
    await expect.poll(texts, patience).toEqual(["first half", "last words"]);
  });

  it("does not begin in the middle of a line", async () => {
    writeFileSync(inFolder("app.log"), "old\nhalf of an ol");
    const { texts } = await follow("app.log");
    appendFileSync(inFolder("app.log"), "d line\nnew\n");
    await expect.poll(texts, patience).toEqual(["new"]);
  });

  it("survives bytes that are no text, and lines without end", async () => {
    const { texts } = await follow("app.log", { maxLineBytes: 100 });
    appendFileSync(inFolder("app.log"), Buffer.from([0x61, 0xff, 0xfe, 0x62, 0x0a]));
    appendFileSync(inFolder("app.log"), `${"x".repeat(1_000_000)}\nafter\n`);
    await expect.poll(texts, patience).toEqual(["a\ufffd\ufffdb", `${"x".repeat(100)}… [line cut]`, "after"]);
  });

  it("keeps a character whole that is written in two parts", async () => {
    const { texts } = await follow("app.log");
    const bytes = Buffer.from("käse €\n");
    for (const byte of bytes) appendFileSync(inFolder("app.log"), Buffer.from([byte]));
    await expect.poll(texts, patience).toEqual(["käse €"]);
  });

  it("finds new files of a glob, also in new folders", async () => {
    const { texts, lines } = await follow("**/*.log");
    mkdirSync(inFolder("deep/er"), { recursive: true });
    appendFileSync(inFolder("deep/er/b.log"), "from b\n");
    appendFileSync(inFolder("a.log"), "from a\n");
    appendFileSync(inFolder("a.txt"), "not meant\n");
    await expect.poll(() => texts().sort(), patience).toEqual(["from a", "from b"]);
    expect(lines.map((one) => path.relative(folder, one.path)).sort()).toEqual(["a.log", "deep/er/b.log"]);
  });

  it("reads a flood to its end, in order", async () => {
    const { texts } = await follow("app.log");
    const flood = numbered(0, 300_000);
    appendFileSync(inFolder("app.log"), `${flood.join("\n")}\n`);
    await expect.poll(() => texts().length, patience).toBe(flood.length);
    expect(texts()).toEqual(flood);
  });
});

describe("rotation", () => {
  it("by rename loses and doubles nothing while a real program writes", async () => {
    const file = inFolder("app.log");
    writeFileSync(file, "");
    const { texts } = await follow("app.log");
    const writer = startWriter(file, 6_000);
    for (let rotation = 1; rotation <= 4; rotation++) {
      await expect.poll(() => texts().length, patience).toBeGreaterThan(rotation * 1_000);
      for (let old = rotation; old > 1; old--) renameSync(`${file}.${old - 1}`, `${file}.${old}`);
      renameSync(file, `${file}.1`);
      writer.kill("SIGHUP");
    }
    await once(writer, "exit");
    await expect.poll(() => texts().length, patience).toBe(6_000);
    expect(texts()).toEqual(numbered(0, 6_000));
  });

  it("by rename under a glob that matches the rotated files too", async () => {
    const file = inFolder("app.log");
    writeFileSync(file, "");
    const { texts } = await follow("app.log*");
    const writer = startWriter(file, 3_000);
    for (let rotation = 1; rotation <= 2; rotation++) {
      await expect.poll(() => texts().length, patience).toBeGreaterThan(rotation * 1_000);
      renameSync(file, `${file}.${rotation}`);
      writer.kill("SIGHUP");
    }
    await once(writer, "exit");
    await expect.poll(() => texts().length, patience).toBe(3_000);
    expect(texts()).toEqual(numbered(0, 3_000));
  });

  it("reads the end of a file that was removed while it was written", async () => {
    const file = inFolder("app.log");
    writeFileSync(file, "");
    const { texts } = await follow("app.log");
    const writer = startWriter(file, 2_000);
    await expect.poll(() => texts().length, patience).toBeGreaterThan(0);
    unlinkSync(file);
    await once(writer, "exit");
    await expect.poll(() => texts().length, patience).toBe(2_000);
    expect(texts()).toEqual(numbered(0, 2_000));
  });

  it("by copy and truncate gives out every line once, with the copy in the glob", async () => {
    const file = inFolder("app.log");
    writeFileSync(file, "");
    const { texts } = await follow("app.log*");
    const early = numbered(0, 500);
    appendFileSync(file, `${early.join("\n")}\n`);
    await expect.poll(() => texts().length, patience).toBe(500);
    // Written after our last look, and to be found only in the copy.
    appendFileSync(file, "seen only in the copy\n");
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
    appendFileSync(file, "after the truncation\n");
    await expect.poll(() => texts().length, patience).toBe(502);
    expect(texts().slice(0, 500)).toEqual(early);
    expect(texts().slice(500).sort()).toEqual(["after the truncation", "seen only in the copy"]);
  });

  it("by truncation is seen even when the file has grown past its old size", async () => {
    const file = inFolder("app.log");
    writeFileSync(file, "");
    const { texts } = await follow("app.log");
    appendFileSync(file, "short\n");
    await expect.poll(texts, patience).toEqual(["short"]);
    truncateSync(file);
    appendFileSync(file, "a much longer first line than before\nand another one\n");
    await expect
      .poll(texts, patience)
      .toEqual(["short", "a much longer first line than before", "and another one"]);
  });

  it("by truncation under a writer that does not append leaves no hole in the lines", async () => {
    const file = inFolder("app.log");
    const shell = spawn("sh", ["-c", `exec > ${file}; while read line; do echo "$line"; done`], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    running.push(async () => void shell.stdin.end());
    await expect.poll(() => readdirSync(folder), patience).toEqual(["app.log"]);
    const { texts } = await follow("app.log");
    shell.stdin.write("before\n");
    await expect.poll(texts, patience).toEqual(["before"]);
    truncateSync(file);
    shell.stdin.write("after\n");
    await expect.poll(texts, patience).toEqual(["before", "after"]);
  });

  it("does not take a new file for a copy because it begins alike", async () => {
    const banner = `${"=".repeat(300)}\n`;
    writeFileSync(inFolder("a.log"), "");
    const { texts } = await follow("*.log");
    appendFileSync(inFolder("a.log"), `${banner}one\ntwo\nthree\n`);
    await expect.poll(() => texts().length, patience).toBe(4);
    appendFileSync(inFolder("b.log"), `${banner}ONE\nTWO\nTHREE\nFOUR\n`);
    await expect
      .poll(() => texts().slice(4), patience)
      .toEqual([banner.trim(), "ONE", "TWO", "THREE", "FOUR"]);
  });
});

describe("a follower that starts again", () => {
  it("goes on where it stopped, in rotated files and new ones", async () => {
    const file = inFolder("app.log");
    writeFileSync(file, "");
    const before = await follow("app.log");
    appendFileSync(file, "one\ntwo\nunfinis");
    await expect.poll(before.texts, patience).toEqual(["one", "two"]);
    await before.stop();
    const positions = before.follower.positions();
    expect(positions).toMatchObject([{ path: file, offset: 8 }]);

    appendFileSync(file, "hed\nthree\n");
    renameSync(file, `${file}.1`);
    writeFileSync(file, "four\n");
    const after = await follow("app.log", { positions: structuredClone(positions) });
    await expect.poll(after.texts, patience).toEqual(["unfinished", "three", "four"]);
  });

  it("is not fooled by another file with the same inode number", async () => {
    const file = inFolder("app.log");
    writeFileSync(file, "");
    const before = await follow("app.log");
    appendFileSync(file, "one\ntwo\n");
    await expect.poll(before.texts, patience).toEqual(["one", "two"]);
    await before.stop();
    const positions = before.follower.positions();
    writeFileSync(file, "another file in its place\n"); // keeps the inode
    const after = await follow("app.log", { positions });
    await expect.poll(after.texts, patience).toEqual(["another file in its place"]);
  });
});

describe("what cannot be read", () => {
  it("is reported once, and followed as soon as it can be", async () => {
    symlinkSync(inFolder("loop.log"), inFolder("loop.log"));
    mkdirSync(inFolder("folder.log"));
    const { statuses, texts } = await follow("{loop,folder}.log");
    await expect.poll(() => statuses, patience).toHaveLength(1);
    expect(statuses[0]).toMatchObject({ path: inFolder("loop.log"), ok: false });
    rmSync(inFolder("loop.log"));
    writeFileSync(inFolder("loop.log"), "mended\n");
    await expect.poll(texts, patience).toEqual(["mended"]);
  });

  it("is a pipe, on which nobody must hang", async () => {
    const made = spawn("mkfifo", [inFolder("pipe.log")]);
    await once(made, "exit");
    const { statuses } = await follow("pipe.log");
    await expect
      .poll(() => statuses.at(-1), patience)
      .toMatchObject({ ok: false, text: expect.stringContaining("no regular file") });
  });

  it("is a glob without a file, until there is one", async () => {
    const { statuses, texts } = await follow("*.log");
    expect(statuses).toMatchObject([{ path: inFolder("*.log"), ok: false, text: "no file matches" }]);
    writeFileSync(inFolder("new.log"), "hello\n");
    await expect.poll(texts, patience).toEqual(["hello"]);
    expect(statuses.at(-1)).toMatchObject({ path: inFolder("*.log"), ok: true });
  });
});
