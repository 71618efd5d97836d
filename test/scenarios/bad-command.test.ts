// The command of a plain process is changed in opsmedic.yaml for one that does not work: it is started with the last good
// one again, until the configuration is corrected.
import { join } from "node:path";
import { expect, it } from "vitest";
import type { HealError } from "../../domain/errors.ts";
import { makeRestore } from "../../api/restore.ts";
import { openScenario, type Scenario, untilTrue } from "./site.ts";
import { freePort } from "./surroundings.ts";

const WEB = `
  const flags = process.argv.slice(2);
  const unknown = flags.find((one) => !/^--(?:port|greeting)=/.test(one));
  if (unknown) { console.error("unknown option " + unknown); process.exit(2); }
  const port = flags.find((one) => one.startsWith("--port=")).slice(7);
  require("node:http").createServer((q, a) => a.end("ok")).listen(port, "127.0.0.1");
`;

interface Change {
  command?: string[];
  cwd?: string;
}

/** Web as its operator configured it, well and remembered as such; `changed` is what opsmedic.yaml says later. */
async function openWeb() {
  const port = await freePort();
  const good = [process.execPath, "web.cjs", `--port=${port}`];
  const services =
    ({ command = good, cwd = "web" }: Change) =>
    (folder: string) => [
      {
        name: "web",
        runtime: { process: { command, cwd: join(folder, cwd) } },
        health: [{ http: `http://127.0.0.1:${port}/`, timeout: "1s" }],
      },
    ];
  const site = await openScenario({
    store: "folder",
    files: { "web/web.cjs": WEB },
    services: services({}),
  });
  await site.start("web");
  await provenWell(site);
  return { site, good, services };
}

/** Until the command with which it runs counts as good. */
async function provenWell(site: Scenario): Promise<void> {
  const present = await site.targets.of("web")?.commands?.present();
  await untilTrue("its command is known to be good", async () => {
    await site.settle("web");
    return (
      ((await site.store.settings.get("good-command:web")) as { id?: string } | undefined)?.id === present?.id
    );
  });
}

const runs = async (site: Scenario) => (await site.targets.of("web")?.describe())?.["command"];

it("starts it with the last good command again, and heeds the configuration as soon as it is corrected", async () => {
  const { site: before, good, services } = await openWeb();
  let site = before;
  await using stack = new AsyncDisposableStack();
  stack.defer(() => site[Symbol.asyncDispose]());
  const bad = [...good, "--no-such-option"];
  site = await site.reopen({ services: services({ command: bad }) });
  expect(await site.heal("web")).toMatchObject({ outcome: "healthy" }); // it runs on as it was started
  await site.targets.of("web")?.restart();
  await site.sees("web", "exited");

  const run = await site.heal("web");

  const incident = await site.incident(run?.id);
  expect(run).toMatchObject({ outcome: "healed" });
  expect(incident).toMatchObject({
    plan: { playbook: "crash-after-deploy", actions: [{ action: "roll-back-command" }] },
    verdict: { decision: "allow" },
  });
  expect(await runs(site)).toEqual(good);

  // It stays so over a crash, and over a restart of opsmedic, and is told meanwhile.
  site = await site.reopen({ services: services({ command: bad }) });
  await site.kill("web");
  await site.start("web");
  await site.settle("web", { besides: ["not-as-configured"] });
  expect(await runs(site)).toEqual(good);

  const corrected = [...good, "--greeting=hello"];
  site = await site.reopen({ services: services({ command: corrected }) });
  await site.targets.of("web")?.restart();
  expect(await runs(site)).toEqual(corrected);
  await provenWell(site);
});

it("is taken back by hand: the configured command is started again", async () => {
  const { site: before, good, services } = await openWeb();
  const bad = [...good, "--no-such-option"];
  await using site = await before.reopen({ services: services({ command: bad }) });
  await site.targets.of("web")?.restart();
  await site.sees("web", "exited");
  const run = await site.heal("web");
  const { backupId } = await site.incident(run?.id);

  expect(await makeRestore(site)(backupId ?? "", { dryRun: false, by: "ada" })).toMatchObject({
    restored: true,
  });

  expect(await site.state("web")).toMatchObject({ status: "exited", stoppedByOperator: false });
  expect(await runs(site)).toEqual(bad);
});

it.each([
  {
    fault: "a program that is not there",
    change: { command: ["no-such-program", "--port=1"] },
    startFails: undefined,
  },
  { fault: "a folder that is not there", change: { cwd: "no-such-folder" }, startFails: "cannot-start" },
])("of $fault, too", async ({ change, startFails }) => {
  const { site: before, good, services } = await openWeb();
  await using site = await before.reopen({ services: services(change) });
  const failed = await site.targets
    .of("web")
    ?.restart()
    .then(
      () => undefined,
      (error: unknown) => (error as HealError).code,
    );
  expect(failed).toBe(startFails);
  await site.sees("web", "exited");

  const run = await site.heal("web");

  expect(await site.incident(run?.id)).toMatchObject({ plan: { playbook: "bad-command" } });
  expect(run).toMatchObject({ outcome: "healed" });
  expect(await runs(site)).toEqual(good);
});

it("one that runs and never answers, too", async () => {
  const { site: before, good, services } = await openWeb();
  const elsewhere = [...good.slice(0, -1), `--port=${await freePort()}`];
  await using site = await before.reopen({ services: services({ command: elsewhere }) });
  await site.targets.of("web")?.restart();
  site.age("web", 60_000);
  await site.sees("web", "unreachable");

  const run = await site.heal("web");

  expect(await site.incident(run?.id)).toMatchObject({
    plan: { playbook: "unhealthy-after-deploy", actions: [{ action: "roll-back-command" }] },
  });
  expect(run).toMatchObject({ outcome: "healed" });
  expect(await runs(site)).toEqual(good);
});

it("is not to blame where it was well, or where it never ran otherwise", async () => {
  const { site: before, good, services } = await openWeb();
  const changed = [...good, "--greeting=hello"];
  await using site = await before.reopen({ services: services({ command: changed }) });
  await site.targets.of("web")?.restart();
  await provenWell(site);
  await site.kill("web");
  const run = await site.heal("web");
  expect(await site.incident(run?.id)).toMatchObject({ plan: { playbook: "process-crash" } });
  expect(await runs(site)).toEqual(changed);
});
