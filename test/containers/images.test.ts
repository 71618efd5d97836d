// Images that no container uses, on a real engine: only those that the rule's label gives up go, and they come back with
// their id and their names. The images are made of nothing but a file, so that they are small.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeRemoveImages } from "../../tools/actions/remove-images.ts";
import { connectDocker } from "../../tools/docker-engine.ts";
import { makeUnusedImages } from "../../tools/docker-images.ts";
import { makeSetAside } from "../../tools/set-aside.ts";
import { describeWith } from "../services-available.ts";
import { docker, openYard } from "./yard.ts";

describeWith("docker", "images that nobody uses", () => {
  it("go by label, but for those that are used or that a repair may need, and come back the same", async () => {
    await using yard = openYard();
    const folder = mkdtempSync(join(tmpdir(), "opsmedic-images-"));
    const ids: string[] = [];
    const make = async (name: string, label: string): Promise<string> => {
      writeFileSync(join(folder, "file"), name.repeat(10_000));
      execFileSync("tar", ["-cf", join(folder, "image.tar"), "-C", folder, "file"]);
      const change = ["--change", `LABEL ${label}`, "--change", 'CMD ["/file"]'];
      const id = await docker("import", ...change, join(folder, "image.tar"), `${yard.project}/${name}:1`);
      ids.push(id);
      return id;
    };
    try {
      const mine = `given.up=${yard.project}`;
      const [old, used, good, other] = [
        await make("old", mine),
        await make("used", mine),
        await make("good", mine),
        await make("other", "given.up=somebody-else"),
      ];
      await docker("tag", old, `${yard.project}/old:second`);
      await docker("create", "--name", yard.name("used"), "--label", yard.label, used);
      const api = connectDocker();
      const images = makeUnusedImages({ api, kept: () => Promise.resolve(new Set([good])) });
      const rule = { olderThanMs: 0, label: mine };
      expect((await images.list(rule, Date.now())).map((one) => one.id)).toEqual([old]);
      expect(await images.list({ ...rule, olderThanMs: 3_600_000 }, Date.now())).toEqual([]);

      const action = makeRemoveImages({ images, setAside: makeSetAside(join(folder, "copies")) });
      const service = { name: "shop", cleanUpImages: rule } as never;
      const context = { service, target: undefined, files: undefined, signal: AbortSignal.timeout(60_000) };
      const all = [old, used, good, other].map((id) => ({ id, name: "", bytes: 1 }));
      const params = { at: Date.now(), images: all };
      const captured = await action.capture(params, context);
      await action.apply(params, captured, context);
      expect(await action.verify(params, captured, context)).toMatchObject({ ok: true });
      const left = await Promise.all(all.map(async ({ id }) => (await images.tagsOf(id)) !== undefined));
      expect(left).toEqual([false, true, true, true]);

      // As a restore by hand does first: what is there now is a state, too.
      const gone = { at: Date.now(), images: [{ id: old, name: "", bytes: 1 }] };
      expect(await action.capture(gone, context)).toMatchObject({ state: { images: [] } });

      // Somebody has built or pulled a newer one under one of the names: that is what they want to start.
      const second = `${yard.project}/old:second`;
      await docker("tag", other, second);
      expect(await action.undo(params, captured, context)).toContain(`${second} stays another image's name`);
      expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
      expect(await images.tagsOf(old)).toEqual([`${yard.project}/old:1`]);
      expect(await docker("inspect", "-f", "{{.Id}}", second)).toBe(other);
      // Nor is a name taken off it that was meant for the old one when the repair was planned.
      await images.remove({ id: old, tags: [`${yard.project}/old:1`, second], bytes: 1 });
      expect(await images.tagsOf(old)).toBeUndefined();
      expect(await docker("inspect", "-f", "{{.Id}}", second)).toBe(other);
      await docker("rmi", second);

      await action.undo(params, captured, context);
      await action.undo(params, captured, context);
      expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
      expect((await images.tagsOf(old))?.toSorted()).toEqual([`${yard.project}/old:1`, second]);
    } finally {
      await docker("rm", "-f", yard.name("used")).catch(() => "");
      for (const id of ids) await docker("rmi", "-f", id).catch(() => "");
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
