// One pass without a server: the logs that nobody follows are read, and count for what is found.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../api/config.ts";
import { openEmbedded } from "../../api/embedded.ts";
import { makeProcessSupervisor } from "../../tools/process-supervisor.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { runCli } from "../cli/run-cli.ts";
import { untilTrue } from "./site.ts";

/** Its output goes to its runtime, its own log to a file; both say why it cannot work. */
const program = `
  const { appendFileSync } = require("node:fs");
  for (let n = 0; n < 12; n += 1) {
    console.error("ERROR connect ECONNREFUSED 10.9.8.7:5432, order " + n);
    appendFileSync("app.log", new Date().toISOString() + " ERROR write failed: ENOSPC: no space left on device\\n");
  }
  console.log("ready");
  setInterval(() => undefined, 1000);`;

const logOf = (folder: string, name: string) => join(folder, ".opsmedic", "processes", name, "output.log");

describe("one pass without a server", () => {
  let folder: string;
  let opened: Awaited<ReturnType<typeof openEmbedded>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "opsmedic-one-pass-"));
    writeFileSync(join(folder, "program.js"), program);
    writeFileSync(
      join(folder, "opsmedic.yaml"),
      `
discover: { docker: false }
healing: { validate: { for: 1s } }
services:
  - name: by-output
    runtime: { process: { command: [node, program.js] } }
  - name: by-file
    logs: [{ file: app.log }]
    runtime: { process: { command: [node, program.js] } }
`,
    );
    opened = await openEmbedded(loadConfig({ cwd: folder, variables: {} }));
  });
  afterAll(async () => {
    await opened.close();
    const processes = join(folder, ".opsmedic", "processes");
    const supervisor = makeProcessSupervisor({ folder: processes, clock: systemClock, baseEnv: {} });
    for (const name of ["by-output", "by-file"]) await supervisor.stop(name);
    rmSync(folder, { recursive: true, force: true });
  });

  it("finds in the logs what nothing else shows", async () => {
    await runCli(["heal", "--json"], opened.operations, { connect: embedded });
    await untilTrue("both have said it", () =>
      ["by-output", "by-file"].every((name) => readFileSync(logOf(folder, name), "utf8").includes("ready")),
    );
    const { out } = await runCli(["heal", "--dry-run", "--json"], opened.operations, { connect: embedded });
    const { issues } = JSON.parse(out) as { issues: { service: string; kind: string; summary: string }[] };
    expect(issues).toContainEqual(
      expect.objectContaining({
        service: "by-output",
        kind: "log-errors",
        summary: expect.stringContaining("ECONNREFUSED") as string,
      }),
    );
    expect(issues).toContainEqual(
      expect.objectContaining({
        service: "by-file",
        kind: "log-errors",
        summary: expect.stringContaining("ENOSPC") as string,
      }),
    );
  });

  const embedded = async () => ({
    operations: opened.operations,
    via: "embedded" as const,
    close: () => Promise.resolve(),
  });
});
