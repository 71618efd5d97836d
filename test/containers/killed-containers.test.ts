// opsmedic is killed with SIGKILL in the middle of removing a container, and of making it again: the next one finishes
// either, and in the end the container is there once, as it was.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Captured } from "../../tools/action.ts";
import { type ActDoor, openActDoor } from "../killed-repairs/act-door.ts";
import { untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { ENGINE } from "../targets/docker-proxy.ts";
import { type JobYard, openJobYard } from "./job-yard.ts";
import { docker } from "./yard.ts";

/** Carries out one half of the repair. */
const program = `
  const { what, root, port, folder, params, captured, service } = JSON.parse(process.argv[1]);
  const { makeRemoveContainers } = await import(root + "actions/remove-containers.ts");
  const { connectDocker } = await import(root + "docker-engine.ts");
  const { makeStoppedContainers } = await import(root + "docker-stopped.ts");
  const { makeSetAside } = await import(root + "set-aside.ts");
  const api = connectDocker("tcp://127.0.0.1:" + port);
  const containers = makeStoppedContainers({ api, services: () => [], label: "opsmedic.enable" });
  const action = makeRemoveContainers({ containers, setAside: makeSetAside(folder) });
  await action[what](params, captured, { service, signal: AbortSignal.timeout(60000) });`;

const DELETE = /^DELETE \/containers\/\w+/m;
const acts = {
  apply: [/^GET \/containers\/\w+\/export/m, DELETE],
  undo: [
    /^POST \/containers\/create/m,
    /^POST \/networks\/\S+\/connect/m,
    /^PUT \/containers\/\w+\/archive/m,
    /^POST \/containers\/\w+\/rename/m,
  ],
};

describeWith("docker", "a removal of containers that opsmedic is killed in", () => {
  let yard: JobYard;
  let door: ActDoor;
  let networks: string[];
  beforeAll(async () => {
    yard = await openJobYard();
    door = await openActDoor(ENGINE, /^DELETE /m);
    networks = [await yard.network("first"), await yard.network("second")];
  });
  afterAll(async () => {
    await door.close();
    await yard[Symbol.asyncDispose]();
  });

  it("in the removal itself, and finished", async () => {
    const { action, context } = yard;
    await using stage = await staged();
    await killedIn(DELETE, "apply", stage);
    const { params, captured } = stage;
    await action.apply(params, captured, context);
    expect(await action.verify(params, captured, context)).toMatchObject({ ok: true });
    expect(await yard.all()).toEqual([]);
    await takenBack(stage);
  });

  for (const [n, act] of acts.apply.entries()) {
    it(`in its act ${n + 1}, and taken back`, async () => {
      await using stage = await staged();
      await killedIn(act, "apply", stage);
      await takenBack(stage);
    });
  }

  for (const [n, act] of acts.undo.entries()) {
    it(`in act ${n + 1} of its undo`, async () => {
      await using stage = await staged();
      await yard.action.apply(stage.params, stage.captured, yard.context);
      await killedIn(act, "undo", stage);
      await takenBack(stage);
    });
  }

  async function staged() {
    const id = await yard.job("job", networks);
    const params = yard.params([id]);
    return {
      params,
      captured: await yard.action.capture(params, yard.context),
      before: await yard.seen("job"),
      [Symbol.asyncDispose]: async () =>
        void (await docker("rm", "-f", "-v", yard.name("job")).catch(() => "")),
    };
  }
  type Stage = Awaited<ReturnType<typeof staged>>;

  async function killedIn(act: RegExp, what: "apply" | "undo", { params, captured }: Stage): Promise<void> {
    const root = new URL("../../tools/", import.meta.url).href;
    const { port } = door;
    const given = {
      what,
      root,
      port,
      folder: `${yard.folder}/copies`,
      params,
      captured,
      service: yard.service,
    };
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, JSON.stringify(given)], {
      stdio: "inherit",
    });
    door.onNext(act, () => child.kill("SIGKILL"));
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    expect({ code, signal }).toEqual({ code: null, signal: "SIGKILL" });
    // The next opsmedic takes longer to start than the engine to read what it was sent.
    if (act === DELETE) await untilTrue("the engine has begun", async () => (await statusNow()) !== "exited");
  }

  const statusNow = (): Promise<string> =>
    docker("inspect", "-f", "{{.State.Status}}", yard.name("job")).catch(() => "gone");

  async function takenBack({ params, captured, before }: Stage & { captured: Captured }): Promise<void> {
    const { action, context } = yard;
    await action.undo(params, captured, context);
    expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
    expect((await yard.all()).map((one) => one.Name)).toEqual([`/${yard.name("job")}`]);
    expect(JSON.parse(await yard.seen("job"))).toEqual(JSON.parse(before));
  }
});
