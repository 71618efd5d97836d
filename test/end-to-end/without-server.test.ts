// The command line where no server runs: it looks before it speaks, starts what never ran, waits for what it began,
// and says what it does not know.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { ChatReply } from "../../api/chat.ts";
import type { StatusAnswer } from "../../api/operations.ts";
import type { IncidentRecord } from "../../knowledge/records.ts";
import { freePort, makeScratch, type Scratch, slowStarter } from "./scratch.ts";

let scratch: Scratch;
let port = 0;

const config = (more = "") => `
services:
  - name: web
    runtime: { process: { command: "node web.mjs" } }
    health: [{ http: "http://127.0.0.1:${port}/" }]
healing: { validate: { for: 3s } }
${more}`;

beforeEach(async () => {
  port = await freePort();
  scratch = await makeScratch(config(), { "web.mjs": slowStarter(port) });
  scratch.mayRun("web");
});
afterEach(() => scratch[Symbol.asyncDispose]());

const crash = () => fetch(`http://127.0.0.1:${port}/die`).catch(() => undefined);
const level = async (): Promise<string | undefined> => {
  const { services } = JSON.parse((await scratch.run("status", "--json")).out) as StatusAnswer;
  return services[0]?.status;
};

it("status looks now, with progress on stderr", { timeout: 120_000 }, async () => {
  const before = await scratch.run("status");
  expect(before).toMatchObject({ code: 3, err: "No server runs here: looking at the services now …\n" });
  expect(before.out).toMatch(/^web +✕ critical +web was never started\.$/m);

  expect(await scratch.run("heal")).toMatchObject({ code: 0 });
  expect(await scratch.run("status")).toMatchObject({ code: 0, out: expect.stringContaining("● healthy") });

  await crash();
  const after = await scratch.run("status");
  expect(after.code).toBe(3);
  expect(after.out).toMatch(/^web +✕ critical +web has ended with code 3\.$/m);
  const { out, err } = await scratch.run("status", "--json");
  expect({ err, services: (JSON.parse(out) as StatusAnswer).services }).toEqual({
    err: "",
    services: [{ name: "web", status: "critical", stopped: false, summary: "web has ended with code 3." }],
  });
});

it("heal starts what never ran, and heals what ended", { timeout: 120_000 }, async () => {
  const dry = await scratch.run("heal", "--dry-run");
  expect(dry).toMatchObject({ code: 3 });
  expect(dry.out).toContain("▲ web was never started: opsmedic heal starts it\n");
  expect(scratch.pidOf("web")).toBeUndefined();

  expect(await scratch.run("heal")).toMatchObject({
    code: 0,
    out: "✓ web had never run: started.\nNothing is wrong.\n",
  });
  const first = scratch.pidOf("web");
  expect(first).toBeGreaterThan(0);
  expect((await scratch.run("audit", "ls")).out).toContain("service.start");

  await crash();
  const healed = await scratch.run("heal", "web");
  expect(healed).toMatchObject({ code: 0 });
  expect(healed.out).toMatch(/✓ healed/);
  expect(scratch.pidOf("web")).not.toBe(first);
  expect(await level()).toBe("healthy");

  const told = JSON.parse(
    (await scratch.run("ask", "what did you do to web today?", "--json")).out,
  ) as ChatReply;
  expect(told).toMatchObject({ intent: "done", answer: expect.stringContaining("it ended healed") });
  expect(told.citations.map((one) => one.kind)).toContain("run");
});

it("heal starts nothing while healing is paused, and says so", { timeout: 60_000 }, async () => {
  await scratch.run("pause");
  const { code, out } = await scratch.run("heal", "--json");
  expect(code).toBeGreaterThan(0);
  expect(JSON.parse(out)).toMatchObject({
    started: [{ service: "web", started: false, problem: "healing is paused" }],
  });
  expect(scratch.pidOf("web")).toBeUndefined();
});

it("goes on with an approved fix itself, and tells how it ended", { timeout: 120_000 }, async () => {
  await scratch.run("heal");
  await scratch.run("mode", "approve");
  await crash();
  const asked = await scratch.run("heal");
  expect(asked).toMatchObject({ code: 5, out: expect.stringContaining("opsmedic approvals ls\n") });

  const [pending] = JSON.parse((await scratch.run("approvals", "ls", "--json")).out) as { id: string }[];
  const approved = await scratch.run("approvals", "approve", pending?.id ?? "", "--reason", "seen it");
  expect(approved).toMatchObject({ code: 0, out: expect.stringContaining("✓ healed") });
  expect(await level()).toBe("healthy");
});

it("calls unknown what it cannot look at, and that is no success", { timeout: 60_000 }, async () => {
  await using dark = await makeScratch(
    "services: [{ name: bare }, { name: box, runtime: { docker: { container: no-such-box } } }]\n",
    {},
    "fresh",
  );
  dark.env["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
  const status = await dark.run("status");
  expect(status.code).toBe(3);
  expect(status.out).toMatch(/^bare +\? unknown +it has neither a runtime nor health checks/m);
  expect(status.out).toMatch(/^box +\? unknown +\S/m);

  const heal = await dark.run("heal");
  expect(heal).toMatchObject({ code: 3 });
  expect(heal.out).toMatch(/^\? box is unknown: .+\nNothing else is wrong\.$/m);
  expect(await dark.run("heal", "bare", "--exit-zero")).toMatchObject({ code: 0 });
});

it("tells a trouble that lasts as one incident, which ends when the service is seen well", {
  timeout: 120_000,
}, async () => {
  await using site = await makeScratch(
    'services: [{ name: partner, health: [{ exec: "/bin/sh ./well" }] }]\ndiscover: { docker: false }\n',
    { well: "exit 1\n" },
  );
  const incidents = async () =>
    (JSON.parse((await site.run("incidents", "ls", "--json")).out) as { incidents: IncidentRecord[] })
      .incidents;
  expect(await site.run("heal")).toMatchObject({ code: 7 });
  expect(await site.run("heal")).toMatchObject({ code: 7 });
  expect(await incidents()).toMatchObject([{ status: "ESCALATED", occurrences: 2 }]);
  const ill = await site.run("status");
  expect(ill).toMatchObject({ code: 3, out: expect.stringContaining("(left to a person)") as string });

  await writeFile(join(site.folder, "well"), "exit 0\n");
  expect(await site.run("status")).toMatchObject({ code: 0 });
  expect(await incidents()).toMatchObject([{ status: "RESOLVED" }]);
});
