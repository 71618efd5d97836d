// Several files as one transaction: what cannot be written in one of them is written in none, also when the process is
// killed in between.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { editSettings } from "../../tools/actions/edit-settings.ts";
import { openWorld, type World } from "./world.ts";

const before = {
  "config/a.json": '{ "ms": 800 }\r\n',
  "config/b.yaml": "ms: 800 # as in a\n",
  ".env": "MS=800\n",
};
const after = {
  "config/a.json": '{ "ms": 1200 }\r\n',
  "config/b.yaml": "ms: 1200 # as in a\n",
  ".env": "MS=1200\n",
};
const params = {
  edits: [
    { path: "config/a.json", pointer: "ms", from: 800, to: 1_200 },
    { path: "config/b.yaml", pointer: "ms", from: 800, to: 1_200 },
    { path: ".env", pointer: "MS", from: 800, to: 1_200 },
  ],
};

async function openFiles(): Promise<World> {
  const world = await openWorld();
  for (const [name, content] of Object.entries(before)) await world.put(name, content, 0o640);
  return world;
}

async function filesIn({ root }: World): Promise<Record<string, string>> {
  const names = Object.keys(before);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(root, name), "utf8")])),
  );
}

it("writes none where one cannot be written, and none where one was changed meanwhile", async () => {
  await using world = await openFiles();
  const files = world.context.files;
  if (!files) throw new Error("no files");
  const captured = await editSettings.capture(params, world.context);
  let writes = 0;
  const full = {
    ...files,
    write: (path: string, content: string | undefined, mode?: number) => {
      writes += 1;
      if (writes === 3) return Promise.reject(new Error("no space left"));
      return files.write(path, content, mode);
    },
  };
  const act = editSettings.apply(params, captured, { ...world.context, files: full });
  await expect(act).rejects.toThrow("no space left");
  expect(writes).toBe(5);
  expect(await filesIn(world)).toEqual(before);

  await world.put(".env", "MS=800\nOTHER=1\n", 0o640);
  await expect(editSettings.apply(params, captured, world.context)).rejects.toMatchObject({
    code: "stale-plan",
  });
  expect(await filesIn(world)).toEqual({ ...before, ".env": "MS=800\nOTHER=1\n" });
});

it("puts its values back and leaves what somebody else has changed since, or puts nothing back", async () => {
  await using world = await openFiles();
  const captured = await editSettings.capture(params, world.context);
  await editSettings.apply(params, captured, world.context);
  expect(await filesIn(world)).toEqual(after);
  await world.put(".env", "MS=1200\nOTHER=1\n", 0o640);
  await editSettings.undo(params, captured, world.context);
  expect(await editSettings.verifyUndo(params, captured, world.context)).toMatchObject({ ok: true });
  expect(await filesIn(world)).toEqual({ ...before, ".env": "MS=800\nOTHER=1\n" });

  await world.put(".env", before[".env"], 0o640);
  await editSettings.apply(params, captured, world.context);
  await world.put(".env", "MS=5000\n", 0o640);
  await expect(editSettings.undo(params, captured, world.context)).rejects.toMatchObject({
    code: "undo-conflict",
  });
  expect(await filesIn(world)).toEqual({ ...after, ".env": "MS=5000\n" });
});

// Says so before each file that it writes, and is killed before one of them.
const program = `
  const [, module, guarded, root, given, killAt] = process.argv;
  const { editSettings } = await import(module);
  const { makeGuardedFiles } = await import(guarded);
  const { params, captured } = JSON.parse(given);
  const real = makeGuardedFiles({ root, editable: ["config/**", ".env"], afterEdit: "none" });
  let count = 0;
  const files = { ...real, write: (...what) => {
    count += 1;
    if (count === Number(killAt)) process.kill(process.pid, "SIGKILL");
    return real.write(...what);
  } };
  await editSettings.apply(params, captured, { service: { name: "shop" }, files, signal: AbortSignal.timeout(60000) });`;
const fileOf = (name: string) => new URL(`../../tools/${name}`, import.meta.url).pathname;

it.each([1, 2, 3])("killed before file %i, it can be finished, and be taken back", async (killAt) => {
  await using world = await openFiles();
  const whole = await world.folderHash();
  const captured = await editSettings.capture(params, world.context);
  for (const finish of [true, false]) {
    const child = spawn(process.execPath, [
      "--input-type=module",
      "-e",
      program,
      fileOf("actions/edit-settings.ts"),
      fileOf("guarded-files.ts"),
      world.root,
      JSON.stringify({ params, captured }),
      String(killAt),
    ]);
    expect((await once(child, "exit"))[1]).toBe("SIGKILL");
    expect(await editSettings.verify(params, captured, world.context)).toMatchObject({ ok: false });
    if (finish) await editSettings.apply(params, captured, world.context);
    const { ok } = await editSettings.verify(params, captured, world.context);
    expect(ok).toBe(finish);
    await editSettings.undo(params, captured, world.context);
    expect(await editSettings.verifyUndo(params, captured, world.context)).toMatchObject({ ok: true });
    expect(await world.folderHash()).toBe(whole);
  }
});
