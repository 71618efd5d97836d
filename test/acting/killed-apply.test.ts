// A process that is killed by force while it applies or undoes an action leaves files that are whole, and that the next
// process can put back byte for byte.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { editSetting } from "../../tools/actions/edit-setting.ts";
import { openWorld } from "./world.ts";

const params = { path: "config/app.json", pointer: "delayMs", from: 800, to: 1_200 };
const before = `{\r\n  "delayMs": 800, "text": "${"x".repeat(50_000)}"\r\n}`;
const applied = before.replace("800", "1200");

// Applies and undoes for ever; says so after each.
const program = `
  const { editSetting } = await import(process.argv[1]);
  const { makeGuardedFiles } = await import(process.argv[2]);
  const params = JSON.parse(process.argv[4]);
  const context = { service: { name: "shop" }, target: undefined, signal: AbortSignal.timeout(60000),
    files: makeGuardedFiles({ root: process.argv[3], editable: ["config/**"], afterEdit: "none" }) };
  const captured = await editSetting.capture(params, context);
  for (;;) {
    await editSetting.apply(params, captured, context);
    process.stdout.write(".");
    await editSetting.undo(params, captured, context);
  }`;

const fileOf = (name: string) => new URL(`../../tools/${name}`, import.meta.url).pathname;

it("an edit that is killed at any moment can be taken back", async () => {
  await using world = await openWorld();
  await world.put("config/app.json", before, 0o640);
  const whole = await world.folderHash();
  const captured = await editSetting.capture(params, world.context);
  for (let round = 0; round < 12; round += 1) {
    const given = [
      fileOf("actions/edit-setting.ts"),
      fileOf("guarded-files.ts"),
      world.root,
      JSON.stringify(params),
    ];
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, ...given]);
    // Killed at the third sign of life and a little more, another amount each time.
    for (let signs = 0; signs < 3; signs += 1) await once(child.stdout, "data");
    await new Promise((resolve) => setTimeout(resolve, round));
    child.kill("SIGKILL");
    await once(child, "exit");

    const left = await readFile(join(world.root, "config/app.json"), "utf8");
    expect([before, applied]).toContain(left);
    await editSetting.undo(params, captured, world.context);
    expect(await editSetting.verifyUndo(params, captured, world.context)).toMatchObject({ ok: true });
    // A temporary file may be left; it is none of the service's, and goes with a later write.
    for (const name of await readdir(join(world.root, "config"))) {
      expect(name).toMatch(/^(app\.json|\.opsmedic-[0-9a-f]{16}\.tmp)$/);
      if (name !== "app.json") await rm(join(world.root, "config", name));
    }
    expect(await world.folderHash()).toBe(whole);
  }
});
