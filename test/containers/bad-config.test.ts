// A bad file is mounted and rolled out: Docker restarts the container over and over, until its good file is back.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openScenario } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { CONFIGURED } from "./programs.ts";
import { docker, openYard } from "./yard.ts";

const GOOD = '{\n\t"greeting": "hello",  "colour": "blue"\n}\n';
const BAD = '{ "greting": "hello" }\n';

describeWith("docker", "a container with a bad file", () => {
  it("leaves its restart loop when the last good file is put back", async () => {
    await using yard = openYard();
    const root = mkdtempSync(join(tmpdir(), "opsmedic-config-"));
    const file = join(root, "web.json");
    try {
      writeFileSync(file, GOOD);
      const { flags, url } = await yard.published(8080);
      const mounted = ["-v", `${root}:/config:ro`, "--restart", "on-failure"];
      const container = await yard.run("web", { program: CONFIGURED, flags: [...flags, ...mounted] });
      await yard.answers(url);
      await using site = await openScenario({
        services: () => [
          {
            name: "web",
            runtime: { docker: { container } },
            health: [{ http: url, timeout: "1s" }],
            files: { root, editable: ["**"], afterEdit: "restart" },
          },
        ],
      });
      await site.settle("web");

      writeFileSync(file, BAD);
      await docker("restart", container);
      await site.sees("web", "crash-loop");
      const run = await site.heal("web");

      expect(run).toMatchObject({ outcome: "healed" });
      expect(readFileSync(file, "utf8")).toBe(GOOD);
      await yard.answers(url);
      expect(await fetch(url).then((answer) => answer.text())).toBe("hello");
      expect((await site.incident(run?.id)).plan).toMatchObject({
        playbook: "crash-after-bad-config",
        actions: [{ action: "restore-files" }, { action: "restart" }],
      });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
