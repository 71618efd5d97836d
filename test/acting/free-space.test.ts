// Clearing a file system that was filled for real: what writers hold open goes on, what is not the owner's to give stays,
// and what went comes back byte for byte.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, closeSync, linkSync, mkdirSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import {
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../domain/json.ts";
import type { CleanUpRule } from "../../domain/service.ts";
import { checked } from "../../tools/actions/checked.ts";
import { makeFreeSpace } from "../../tools/actions/free-space.ts";
import { clearableNow } from "../../tools/clean-up.ts";
import { makeSetAside } from "../../tools/set-aside.ts";
import { hashOfFolder } from "./world.ts";
import { mountable, mountTmpfs } from "./small-file-system.ts";

const DAY = 24 * 3_600_000;
let base: string;
let root: string;
const cleanUps: (() => void)[] = [];

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "opsmedic-space-"));
  root = join(base, "srv");
  mkdirSync(root);
});
afterEach(() => {
  for (const done of cleanUps.splice(0)) done();
  rmSync(base, { recursive: true, force: true });
});

function put(name: string, content: string | Buffer, daysOld = 0): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  const at = Date.now() / 1_000 - daysOld * 86_400;
  utimesSync(path, at, at);
  return path;
}

const logs = (more: Partial<CleanUpRule> = {}): CleanUpRule => ({
  kind: "logs",
  root,
  glob: "**/*.log*",
  olderThanMs: DAY,
  ...more,
});
const temporary = (more: Partial<CleanUpRule> = {}): CleanUpRule => ({
  kind: "temporary",
  root,
  glob: "tmp/**",
  olderThanMs: 7 * DAY,
  ...more,
});

async function planned(rules: CleanUpRule[], copies = join(base, "copies"), ownFolders: string[] = []) {
  const at = Date.now();
  const found = await clearableNow(rules, at, ownFolders);
  const setAside = makeSetAside(copies);
  const action = checked(makeFreeSpace({ setAside, ownFolders }));
  const service = { name: "shop", cleanUp: rules } as never;
  const context = { service, target: undefined, files: undefined, signal: AbortSignal.timeout(30_000) };
  const params: JsonObject = { at, items: (found?.items ?? []).map((one) => ({ ...one })) };
  return { action, context, params, setAside, found, paths: found?.items.map((one) => one.path) ?? [] };
}

describe("a log that is written to meanwhile", () => {
  it.each([
    ["appends", "a"],
    ["writes where it left off", "w"],
  ])("goes on with its file when its program %s, and has all its lines after an undo", async (_how, flag) => {
    const path = put("app.log", "");
    const writer = openSync(path, flag);
    cleanUps.push(() => closeSync(writer));
    const old = "an old line\n".repeat(30_000);
    writeSync(writer, old);
    const { action, context, params } = await planned([logs({ largerThanBytes: 1_000 })]);
    const captured = await action.capture(params, context);
    writeSync(writer, "written after the plan\n");
    await action.apply(params, captured, context);
    expect(statSync(path).blocks * 512).toBeLessThan(50_000);
    writeSync(writer, "written after the cut\n");
    expect(await action.verify(params, captured, context)).toMatchObject({ ok: true });

    await action.undo(params, captured, context);
    expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
    writeSync(writer, "written after the undo\n");
    expect(readFileSync(path, "utf8")).toBe(
      `${old}written after the plan\nwritten after the cut\nwritten after the undo\n`,
    );
  });

  it("that was rotated away meanwhile is not touched under its new name's successor", async () => {
    const path = put("app.log", "x".repeat(5_000));
    const { action, context, params } = await planned([logs({ largerThanBytes: 1_000 })]);
    const captured = await action.capture(params, context);
    renameSync(path, `${path}.1`);
    writeFileSync(path, "y".repeat(9_000));
    await action.apply(params, captured, context);
    expect([readFileSync(path, "utf8"), readFileSync(`${path}.1`, "utf8")]).toEqual([
      "y".repeat(9_000),
      "x".repeat(5_000),
    ]);
  });
});

describe("what is nobody's to give", () => {
  it("is not even planned: links, second names, repositories, other file systems, opsmedic's own", async () => {
    const outside = join(base, "outside.log");
    writeFileSync(outside, "x".repeat(1_000));
    mkdirSync(join(base, "elsewhere"));
    writeFileSync(join(base, "elsewhere/far.log"), "far");
    put("mine.log", "mine", 3);
    symlinkSync(outside, join(root, "link.log"));
    symlinkSync(join(base, "elsewhere"), join(root, "folder"));
    linkSync(outside, join(root, "second.log"));
    put(".git/refs.log", "refs", 3);
    put("node_modules/pack/a.log", "a", 3);
    put(".opsmedic/own.log", "own", 3);
    put("notes.txt", "none of it", 30);
    put("young.log", "young");
    const { paths } = await planned([logs()], join(base, "copies"), [join(root, ".opsmedic")]);
    expect(paths).toEqual([join(root, "mine.log")]);
  });

  it("is not reached by a plan that names it, nor by a folder that became a link", async () => {
    put("logs/a.log", "a".repeat(100), 3);
    mkdirSync(join(base, "elsewhere"));
    writeFileSync(join(base, "elsewhere/a.log"), "not mine");
    const { action, context, params } = await planned([logs()]);
    const forged = { ...params, items: [{ path: "/etc", does: "remove", files: 9_999, bytes: 9_999_999 }] };
    expect(await action.capture(forged, context)).toMatchObject({ state: { files: [] } });
    const captured = await action.capture(params, context);
    renameSync(join(root, "logs"), join(root, "old"));
    symlinkSync(join(base, "elsewhere"), join(root, "logs"));
    await action.apply(params, captured, context);
    expect(readFileSync(join(base, "elsewhere/a.log"), "utf8")).toBe("not mine");
  });

  it("is what was used, or made, after the plan", async () => {
    const used = put("tmp/used", "used", 9);
    const held = put("tmp/held", "held", 9);
    const old = put("tmp/old", "old", 9);
    const holder = openSync(held, "r");
    cleanUps.push(() => closeSync(holder));
    const { action, context, params, paths } = await planned([temporary()]);
    expect(paths.toSorted()).toEqual([old, used]);
    const captured = await action.capture(params, context);
    appendFileSync(used, " again");
    await action.apply(params, captured, context);
    expect([existsSync(used), existsSync(held), existsSync(old)]).toEqual([true, true, false]);
    // Somebody takes the name: the undo leaves that one alone.
    writeFileSync(old, "a new one");
    expect(await action.undo(params, captured, context)).toMatch(/another file has the name of/);
    expect(readFileSync(old, "utf8")).toBe("a new one");
    put("tmp/more", "more", 9);
    const wider = { ...params, items: [{ path: join(root, "tmp"), does: "remove", files: 1, bytes: 3 }] };
    await expect(action.capture(wider, context)).rejects.toMatchObject({ code: "stale-plan" });
  });
});

describe.skipIf(!mountable)("a file that a container has open", () => {
  it("is no temporary file, though it has another path there", async () => {
    const held = put("tmp/held", "held", 9);
    const old = put("tmp/old", "old", 9);
    const data = join(base, "data");
    mkdirSync(data);
    const inside = `mount --bind ${root} ${data} && exec 3<${data}/tmp/held && echo ready && exec sleep 60`;
    const holder = spawn("unshare", ["--mount", "sh", "-c", inside], { stdio: ["ignore", "pipe", "ignore"] });
    cleanUps.push(() => holder.kill("SIGKILL"));
    await once(holder.stdout, "data");
    const { action, context, params, paths, found } = await planned([temporary()]);
    expect({ paths, inUse: found?.inUse }).toEqual({ paths: [old], inUse: { files: 1, bytes: 4 } });
    await action.apply(params, await action.capture(params, context), context);
    expect([existsSync(held), existsSync(old)]).toEqual([true, false]);
  });
});

describe("a plan", () => {
  it("names each file with its size, or folders where there are too many, and nothing is left out", async () => {
    for (let n = 0; n < 30; n += 1) put(`tmp/a/${n}`, "x".repeat(n), 9);
    const few = await planned([temporary()]);
    expect(few.paths).toHaveLength(30);
    for (let n = 0; n < 300; n += 1) put(`tmp/b${n % 7}/${n}`, "yy", 9);
    const many = await planned([temporary()]);
    expect(many.paths).toHaveLength(8);
    const total = (key: "files" | "bytes") => many.found?.items.reduce((sum, one) => sum + one[key], 0);
    expect([total("files"), total("bytes")]).toEqual([330, 435 + 600]);
    const captured = await many.action.capture(many.params, many.context);
    expect((captured.state as { files: unknown[] }).files).toHaveLength(330);
  });
});

describe.skipIf(!mountable)("a small file system that is full", () => {
  it("has room again, also when the copies lie on it, and is as it was after an undo", async () => {
    cleanUps.push(mountTmpfs(root, "size=8m"));
    for (let n = 0; n < 6; n += 1) put(`logs/app.log.${n}`, `line ${n} of the log\n`.repeat(50_000), 3);
    put("data/orders", Buffer.alloc(100_000, 1));
    // A last page is left for the index, and some for the copy of the first log: text shrinks to nearly nothing.
    fill(root, 64 * 1_024);
    const before = await hashOfFolder(join(root, "logs"));
    const { action, context, params, found } = await planned([logs()], join(root, "copies"), [
      join(root, "copies"),
    ]);
    expect(found?.fileSystem.used).toBeGreaterThan(0.98);
    expect(found?.space).toBeGreaterThan(0.6);
    const captured = await action.capture(params, context);
    await action.apply(params, captured, context);
    const { bavail, blocks } = statfsSync(root);
    expect(bavail / blocks).toBeGreaterThan(0.6);
    await action.undo(params, captured, context);
    expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
    expect(await hashOfFolder(join(root, "logs"))).toBe(before);
  });

  it("without room for a copy keeps everything, and says where copies could go", async () => {
    cleanUps.push(mountTmpfs(root, "size=2m"));
    put("logs/app.log.1", randomText(600_000), 3);
    fill(root, 0);
    const before = await hashOfFolder(join(root, "logs"));
    mkdirSync(join(root, "copies"), { recursive: true });
    const { action, context, params } = await planned([logs()], join(root, "copies"));
    const captured = await action.capture(params, context);
    await expect(action.apply(params, captured, context)).rejects.toMatchObject({
      code: "no-room-for-copies",
      hint: expect.stringContaining("copiesIn") as string,
    });
    await action.undo(params, captured, context);
    expect(await hashOfFolder(join(root, "logs"))).toBe(before);
  });

  it("without file entries has them again", async () => {
    cleanUps.push(mountTmpfs(root, "size=8m,nr_inodes=150"));
    let made = 0;
    for (; made < 140; made += 1) put(`tmp/session-${made}`, `${made}`, 9);
    expect(() => {
      for (let n = 0; n < 150; n += 1) put(`more-${n}`, "");
    }).toThrow("ENOSPC");
    const { action, context, params, found } = await planned([temporary()]);
    expect(found?.fileSystem.entriesUsed).toBe(1);
    expect(found?.entries).toBeGreaterThan(0.9);
    const before = await hashOfFolder(join(root, "tmp"));
    const captured = await action.capture(params, context);
    await action.apply(params, captured, context);
    expect(statfsSync(root).ffree).toBeGreaterThan(135);
    await action.undo(params, captured, context);
    expect(await hashOfFolder(join(root, "tmp"))).toBe(before);
  });
});

/** Until so many bytes are left. */
function fill(place: string, left: number): void {
  const { bavail, bsize } = statfsSync(place);
  spawnSync("dd", [
    "if=/dev/zero",
    `of=${join(place, "fill")}`,
    "bs=4096",
    `count=${(bavail * bsize - left) / 4_096}`,
  ]);
}

function randomText(length: number): string {
  return Buffer.from(Array.from({ length }, (_, n) => (n * 7_919 * ((n >> 3) + 11)) & 0x7f)).toString(
    "latin1",
  );
}
