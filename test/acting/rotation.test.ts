// Draining and putting back, beyond what every action must do: what is under way is waited for, but not for ever; what is
// not well gets nothing; and any proxy will do, by requests or by commands.
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Rotation } from "../../domain/service.ts";
import type { ActionContext } from "../../tools/action.ts";
import { drain } from "../../tools/actions/drain.ts";
import { makePutBack } from "../../tools/actions/put-back.ts";
import { openProxyAdmin } from "./rotation-scene.ts";

const contextOf = (rotation?: Rotation, signal = AbortSignal.timeout(20_000)): ActionContext => ({
  service: {
    name: "shop-1",
    health: [],
    metrics: [],
    logs: [],
    dependsOn: [],
    limits: { maxReplicas: 1 },
    ...(rotation && { rotation }),
    protected: false,
    discovered: false,
  },
  target: undefined,
  files: undefined,
  signal,
});
const kept = { state: { out: false }, files: [] };

it("waits until its requests are done", async () => {
  await using admin = await openProxyAdmin("in");
  admin.place.inFlight = 2;
  const context = contextOf(admin.rotation);
  const drained = drain.apply({}, kept, context);
  await expect.poll(() => admin.place.asked.length).toBeGreaterThan(4);
  expect(admin.place.state).toBe("out");
  admin.place.inFlight = 0;
  expect(await drained).toMatch(/^out of rotation of shop; its requests were done after \d+ ms$/);
  expect(admin.place.asked.filter((one) => one.startsWith("PUT"))).toEqual(["PUT /out Bearer t"]);
});

it("waits for the rest after a crash in the middle of the wait", async () => {
  await using admin = await openProxyAdmin("out");
  admin.place.inFlight = 1;
  const proof = drain.verify({}, kept, contextOf(admin.rotation));
  await expect.poll(() => admin.place.asked.length).toBeGreaterThan(4);
  admin.place.inFlight = 0;
  expect(await proof).toEqual({ ok: true, text: "it is out of rotation" });
});

it("waits no longer than its owner allows, and says what was cut off", async () => {
  await using admin = await openProxyAdmin("in");
  admin.place.inFlight = 2;
  const context = contextOf({ ...admin.rotation, withinMs: 200 });
  expect(await drain.apply({}, kept, context)).toBe(
    "out of rotation of shop; waited 200 ms, and some are still under way",
  );
});

it("leaves alone what somebody else has taken out", async () => {
  await using admin = await openProxyAdmin("out");
  await expect(drain.capture({}, contextOf(admin.rotation))).rejects.toMatchObject({
    code: "drained-before",
  });
});

it("gives nothing to a replica that is not well yet", async () => {
  await using admin = await openProxyAdmin("out");
  const looks = { made: 0 };
  const putBack = makePutBack({
    probe: (service, probe) => {
      looks.made += 1;
      const ok = looks.made > 3;
      expect(ok || admin.place.state === "out").toBe(true);
      return Promise.resolve({ kind: "probe", service: service.name, at: 0, probe: probe.kind, ok });
    },
  });
  const context = contextOf(admin.rotation);
  const probe = { kind: "tcp", host: "127.0.0.1", port: 1, everyMs: 1, timeoutMs: 1, expect: {} } as const;
  context.service.health = [probe];
  await putBack.apply({}, { state: { out: false }, files: [] }, context);
  expect([looks.made, admin.place.state]).toEqual([5, "in"]);
});

it("a proxy that is not there, or refuses, stops the repair before anything is restarted", async () => {
  const admin = await openProxyAdmin("in");
  await admin[Symbol.asyncDispose]();
  await expect(drain.capture({}, contextOf(admin.rotation))).rejects.toMatchObject({
    code: "proxy-refused",
    message: expect.stringMatching(/^Asking the proxy of shop failed: .*ECONNREFUSED/),
  });
  await expect(drain.capture({}, contextOf())).rejects.toMatchObject({ code: "no-rotation" });
});

it("is told by commands as well, without a shell", async () => {
  const folder = await mkdtemp(join(tmpdir(), "opsmedic-rotation-"));
  try {
    const [tool, file] = [join(folder, "proxyctl"), join(folder, "place")];
    await writeFile(
      tool,
      `#!/bin/sh\nif [ "$1" = show ]; then cat ${file}; else printf '%s' "$*" >${file}; fi\n`,
    );
    await chmod(tool, 0o700);
    await writeFile(file, "ready; rm -rf");
    const exec = (...words: string[]) => ({ kind: "exec", command: [tool, ...words] }) as const;
    const context = contextOf({
      of: "shop",
      takeOut: exec("drain", "$HOME", "shop-1"),
      putBack: exec("ready", "shop-1"),
      look: { ...exec("show"), out: "drain" },
      withinMs: 100,
    });
    expect(await drain.apply({}, kept, context)).toBe("out of rotation of shop; waited 100 ms");
    expect(await readFile(file, "utf8")).toBe("drain $HOME shop-1");
    await drain.undo({}, kept, context);
    expect(await readFile(file, "utf8")).toBe("ready shop-1");
    const broken = contextOf({
      ...context.service.rotation!,
      look: { ...exec("show"), command: ["false"], out: "x" },
    });
    await expect(drain.verify({}, kept, broken)).rejects.toMatchObject({ code: "proxy-refused" });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
