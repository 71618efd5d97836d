// The client of a Docker engine costs 30 MB: it is there for those who ask an engine, and for nobody else.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const program = `
  const { connectDocker } = await import(${JSON.stringify(fileURLToPath(new URL("../../tools/docker-engine.ts", import.meta.url)))});
  const { default: module } = await import("node:module");
  const loaded = () => Object.keys(module._cache).some((path) => path.includes("/dockerode/"));
  const api = connectDocker("unix:///nowhere/docker.sock");
  const before = loaded();
  const problem = await api.info().catch((error) => error.code);
  console.log(JSON.stringify({ before, after: loaded(), problem, where: api.modem.socketPath }));`;

it("is loaded when an engine is first asked", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
  expect(JSON.parse(stdout)).toEqual({
    before: false,
    after: true,
    problem: "ENOENT",
    where: "/nowhere/docker.sock",
  });
});
