// The file is read again while the server runs: services come, change and go, a policy is another one, and a wrong file or
// a run under way change nothing.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Config, configFromObject } from "../../api/config.ts";
import { makeReload } from "../../api/reload.ts";
import { untilTrue } from "../scenarios/site.ts";
import { openServer, type OwnServer, sleeper } from "./own-server.ts";

const watched = { health: [{ exec: ["/bin/true"] }] };

let server: OwnServer;
beforeAll(async () => {
  server = await openServer({
    services: () => [sleeper("shop"), { name: "site", ...watched }, { name: "old", ...watched }],
  });
  await server.well("shop");
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

/** As the start's, with changes. */
function next(services: object[], healing: object = {}, more: object = {}): Config {
  const { raw, baseDir } = server.config;
  const changed = { ...raw, services, healing: { ...raw.healing, ...healing }, ...more };
  return configFromObject(changed, { baseDir, variables: {} });
}

const reload = (read: () => Config, dryRun = false) => makeReload(server, read)({ dryRun });
const names = (): string[] => server.services().map((one) => one.name);
const first = () => [sleeper("shop"), { name: "site", ...watched }, { name: "old", ...watched }];

describe("a configuration that is read again", () => {
  it("changes nothing where it is the same, is wrong, or is only asked about", async () => {
    const before = server.services();
    expect(await reload(() => next(first()))).toEqual({
      added: [],
      changed: [],
      removed: [],
      policy: false,
      switched_mode: null,
      needs_restart: [],
    });
    await expect(reload(() => next([{ name: "shop", helth: [] }]))).rejects.toMatchObject({
      code: "config-invalid",
    });
    expect(await reload(() => next([sleeper("shop")]), true)).toMatchObject({ removed: ["site", "old"] });
    expect(server.services()).toEqual(before);
    expect(server.services()[0]).toBe(before[0]);
  });

  it("says what counts from the next start on only", async () => {
    const config = next(first(), { every: "2h" }, { retention: { logs: "1d" } });
    expect(await reload(() => config, true)).toMatchObject({ needs_restart: ["retention", "healing.every"] });
  });

  it("is refused while a run would have its service changed under it", async () => {
    const id = server.makeId("run");
    await server.store.runs.start({ id, service: "site", trigger: "api", reason: "", dryRun: false });
    await expect(reload(() => next([sleeper("shop")]))).rejects.toMatchObject({
      code: "service-busy",
      retryable: true,
      hint: expect.stringContaining(id) as string,
    });
    expect(names()).toEqual(["shop", "site", "old"]);
    await server.store.runs.update(id, { status: "ended", outcome: "cancelled", endedAt: Date.now() });
  });

  it("starts and watches what is new, goes on with what is as before, and leaves what is gone", async () => {
    const shop = server.services()[0];
    const pid = server.supervisor.pidOf("shop");
    const services = [sleeper("shop"), sleeper("more"), { name: "site", health: [{ exec: ["/bin/false"] }] }];
    expect(await reload(() => next(services, { mode: "approve", gate: { allow: 90 } }))).toEqual({
      added: ["more"],
      changed: ["site"],
      removed: ["old"],
      policy: true,
      switched_mode: null,
      needs_restart: [],
    });
    expect(names()).toEqual(["shop", "more", "site"]);
    expect(server.services()[0]).toBe(shop);
    expect(server.supervisor.pidOf("shop")).toBe(pid);
    expect(server.policy.get()).toMatchObject({ mode: "approve", gate: { allowBp: 9_000 } });
    await server.well("more");
    await untilTrue("the new check of the site is asked", () => server.findingsOf("site").length > 0);
    await server.supervisor.stop("more");
  });

  it("says that a mode which was switched while running goes on counting", async () => {
    await server.policy.setMode("observe");
    const services = [sleeper("shop"), { name: "site", health: [{ exec: ["/bin/false"] }] }];
    expect(await reload(() => next(services, { mode: "auto" }))).toMatchObject({ switched_mode: "observe" });
  });
});
