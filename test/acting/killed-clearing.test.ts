// A process that is killed by force while it clears files, or puts them back, loses nothing: the next one finishes
// either way.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeFreeSpace } from "../../tools/actions/free-space.ts";
import { clearableNow } from "../../tools/clean-up.ts";
import { makeSetAside } from "../../tools/set-aside.ts";
import { cleanUpOf } from "./action-scenes.ts";
import { openWorld } from "./world.ts";

// Clears and puts back for ever; says so before each.
const program = `
  const [, module, copies, given] = process.argv;
  const { makeFreeSpace } = await import(module);
  const { makeSetAside } = await import(copies);
  const { folder, params, captured, cleanUp } = JSON.parse(given);
  const action = makeFreeSpace({ setAside: makeSetAside(folder), ownFolders: [] });
  const context = { service: { name: "shop", cleanUp }, signal: AbortSignal.timeout(60000) };
  for (;;) {
    process.stdout.write("a");
    await action.apply(params, captured, context);
    process.stdout.write("u");
    await action.undo(params, captured, context);
  }`;
const fileOf = (name: string) => new URL(`../../tools/${name}`, import.meta.url).pathname;

it("a clearing that is killed at any moment can be finished, and taken back", async () => {
  await using world = await openWorld();
  const folder = await mkdtemp(join(tmpdir(), "opsmedic-copies-"));
  const old = Date.now() / 1_000 - 10 * 86_400;
  const names = [
    "logs/a.log",
    "logs/b.log.1",
    "logs/c.log",
    ...Array.from({ length: 12 }, (_, n) => `tmp/s${n % 3}/session-${n}`),
  ];
  for (const [n, name] of names.entries()) {
    await world.put(name, `line ${n} of ${name}\n`.repeat(name.startsWith("logs") ? 20_000 : 20), 0o640);
    await utimes(join(world.root, name), old, old);
  }
  const whole = await world.folderHash();
  const cleanUp = cleanUpOf(world.root);
  const at = Date.now();
  const found = await clearableNow(cleanUp, at, []);
  const params = { at, items: found?.items ?? [] };
  const context = { ...world.context, service: { ...world.context.service, cleanUp } };
  const action = makeFreeSpace({ setAside: makeSetAside(folder), ownFolders: [] });
  const seen = { applying: 0, undoing: 0 };
  for (let round = 0; round < 6; round += 1) {
    const captured = await action.capture(params, context);
    expect((captured.state as { files: object[] }).files).toHaveLength(15);
    const given = JSON.stringify({ folder, params, captured, cleanUp });
    const child = spawn(process.execPath, [
      "--input-type=module",
      "-e",
      program,
      fileOf("actions/free-space.ts"),
      fileOf("set-aside.ts"),
      given,
    ]);
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    // Killed somewhere in its first clearing in one round, in its first putting back in the next.
    const until = round % 2 === 0 ? "a" : "au";
    while (!said.startsWith(until)) await once(child.stdout, "data");
    await new Promise((resolve) => setTimeout(resolve, round * 8));
    child.kill("SIGKILL");
    await once(child, "exit");
    seen[said.endsWith("a") ? "applying" : "undoing"] += 1;

    const finishes = round % 4 < 2;
    if (finishes) await action.apply(params, captured, context);
    const { ok } = await action.verify(params, captured, context);
    expect(ok || !finishes).toBe(true);
    await action.undo(params, captured, context);
    expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
    for (const left of await leftOvers(world.root)) await rm(left);
    expect(await world.folderHash()).toBe(whole);
  }
  expect(Math.min(seen.applying, seen.undoing)).toBeGreaterThan(0);
  await rm(folder, { recursive: true, force: true });
});

/** Of a process that died while it wrote: none of the service's, and gone with a later write there. */
async function leftOvers(root: string): Promise<string[]> {
  const names = await readdir(root, { recursive: true });
  return names.filter((name) => /\/\.opsmedic-[0-9a-f]{16}\.tmp$/.test(name)).map((name) => join(root, name));
}
