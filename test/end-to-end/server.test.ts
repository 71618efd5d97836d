// The server's own life, as its operator sees it: the token shown once, one server a folder, an orderly end, a violent
// one, and an operator's stop that is respected.
import { afterEach, beforeEach, expect, it } from "vitest";
import type { RunStory } from "../../api/operations.ts";
import { makeServingNewcomer, type Newcomer, patient, type Serving, demoServices } from "./newcomer.ts";

let newcomer: Newcomer;
let server: Serving;

beforeEach(async () => {
  ({ newcomer, server } = await makeServingNewcomer());
}, 200_000);
afterEach(() => newcomer[Symbol.asyncDispose]());

const once = Object.fromEntries(demoServices.map((name) => [name, 1]));
const TOKEN = /opsmedic_[\w-]{43}/g;

it("shows its token once, shares its folder with nobody, and ends in order while the shop goes on", {
  timeout: 200_000,
}, async () => {
  const pids = newcomer.pids();
  expect(server.out().match(TOKEN)).toHaveLength(1);

  const second = await newcomer.run("serve");
  expect(second).toMatchObject({ code: 1, out: "" });
  expect(second.err).toContain(`process ${server.pid}`);
  expect(second.err).toContain("→ ");
  await newcomer.allWell();

  server.kill("SIGTERM");
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(newcomer.pids()).toEqual(pids);
  expect(await newcomer.page("/checkout")).toBe(200);

  server = await newcomer.serve();
  await newcomer.allWell();
  expect(server.out()).not.toMatch(TOKEN);
  expect(newcomer.pids()).toEqual(pids);
});

it("killed in the middle of a validation, takes the run up at its next start and ends it", {
  timeout: 300_000,
}, async () => {
  await newcomer.run("demo", "break", "crash");
  let validating: string | undefined;
  await expect
    .poll(async () => {
      validating = await runThatValidates();
      return validating;
    }, patient)
    .toBeDefined();
  server.kill("SIGKILL");
  await server.ended;

  server = await newcomer.serve();
  const id = validating ?? "";
  await expect.poll(async () => (await story(id)).run.outcome, patient).toBe("healed");
  await newcomer.allWell();
  expect(newcomer.starts()).toEqual({ ...once, web: 2 });
  expect((await newcomer.run("audit", "verify")).code).toBe(0);
  const told = await newcomer.run("ask", "why was web down, and what did you do?");
  expect(told).toMatchObject({ code: 0, out: expect.stringContaining(id) });
});

it("leaves alone what its operator stopped, until it is started again", { timeout: 300_000 }, async () => {
  expect(await newcomer.run("stop", "worker")).toMatchObject({ code: 0 });
  expect(await newcomer.run("demo", "down")).toMatchObject({ code: 0 });
  const downAt = Date.now();
  const nobody = Object.fromEntries(demoServices.map((name) => [name, undefined]));
  expect(newcomer.pids()).toEqual(nobody);
  // It has looked at each of them since, more than once.
  for (const since of [downAt, downAt + 10_000])
    await expect.poll(() => looksSince(since), patient).toBe(true);
  expect(newcomer.pids()).toEqual(nobody);
  const { services } = await server.operations.status();
  expect(services.map(({ stopped }) => stopped)).toEqual(demoServices.map(() => true));
  expect((await newcomer.run("ask", "is worker up?")).out).toContain("worker is stopped");
  const { runs } = await server.operations.runs({ limit: 50 });
  expect(runs.filter((one) => one.outcome === "healed" || one.outcome === "escalated")).toEqual([]);

  expect(await newcomer.run("start", "worker")).toMatchObject({ code: 0 });
  expect(newcomer.pids()).toEqual({ ...nobody, worker: expect.any(Number) as number });
  expect(await newcomer.run("demo", "up")).toMatchObject({ code: 0 });
  await newcomer.allWell();
  expect(newcomer.starts()).toEqual(Object.fromEntries(demoServices.map((name) => [name, 2])));
});

const story = (id: string): Promise<RunStory> => server.operations.run(id);

async function runThatValidates(): Promise<string | undefined> {
  const { runs } = await server.operations.runs({ limit: 5, service: "web" });
  for (const { id, status } of runs.filter((one) => one.status === "running")) {
    const { steps } = await story(id);
    if (status === "running" && steps.at(-1)?.node === "validate") return id;
  }
  return undefined;
}

async function looksSince(since: number): Promise<boolean> {
  const { checks } = await server.operations.health();
  return demoServices.every((name) => Date.parse(checks[name]?.checked_at ?? "") > since);
}
