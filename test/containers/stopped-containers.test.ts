// Containers that have ended, on a real engine: only those go that the rule gives up and nobody needs, and each comes back
// as it was, with all that it had written.
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Service } from "../../domain/service.ts";
import { connectDocker } from "../../tools/docker-engine.ts";
import { imagesOfRemoved, makeStoppedContainers } from "../../tools/docker-stopped.ts";
import { describeWith } from "../services-available.ts";
import { type JobYard, openJobYard } from "./job-yard.ts";
import { docker } from "./yard.ts";

const COMPOSE = "com.docker.compose.project";

describeWith("docker", "containers that have ended", () => {
  let yard: JobYard;
  const services: Service[] = [];
  beforeAll(async () => {
    yard = await openJobYard(services);
  });
  afterAll(() => yard[Symbol.asyncDispose]());

  it("go by label, but for those that are young, up, watched or somebody's", async () => {
    const { make, mine, name, project } = yard;
    const watched = `${project}-watched`;
    services.push(
      { name: "orders", runtime: { kind: "docker", container: name("configured") } } as Service,
      { name: "web", runtime: { kind: "compose", project: watched, service: "web" } } as Service,
    );
    const label = ["--label", mine];
    const [due] = await Promise.all([
      make("due", "echo x > /srv/x", label),
      make("other-label", "exit 0", ["--label", "given.up=somebody-else"]),
      make("up", "sleep 600", label),
      make("paused", "sleep 600", label),
      make("created", "exit 0", label, false),
      make("comes-up", "exit 0", [...label, "--restart", "on-failure"]),
      make("configured", "exit 0", [...label, "--label", `${COMPOSE}=${project}-its`]),
      make("its-neighbour", "exit 0", [...label, "--label", `${COMPOSE}=${project}-its`]),
      make("of-project", "exit 0", [...label, "--label", `${COMPOSE}=${watched}`]),
      make("labelled", "exit 0", [...label, "--label", `${yard.watchLabel}=true`]),
      make("replica", "exit 0", [...label, "--label", "opsmedic.managed=true"]),
      make("lender", "exit 0", label),
      make("lacks", "rm /srv/of-the-image", label),
    ]);
    await docker("pause", name("paused"));
    await make("borrower", "exit 0", ["--network", `container:${name("lender")}`], false);
    const others = (await yard.all()).filter((one) => one.Id !== due);
    for (const one of others) if (!/up|paused|created|borrower/.test(one.Name)) await docker("wait", one.Id);
    await docker("wait", due);
    const before = await standing(due);

    const { due: found, stay } = await yard.containers.list(yard.rule, Date.now());
    expect(found.map((one) => one.name)).toEqual([name("due")]);
    expect(stay).toEqual([{ name: name("lacks"), why: "files of its image were removed in it" }]);
    const young = await yard.containers.list({ ...yard.rule, olderThanMs: 3_600_000 }, Date.now());
    expect(young).toEqual({ due: [], stay: [] });

    const { action, context } = yard;
    const params = yard.params((await yard.all()).map((one) => one.Id));
    const captured = await action.capture(params, context);
    await action.apply(params, captured, context);
    expect(await action.verify(params, captured, context)).toMatchObject({ ok: true });
    expect((await yard.all()).map((one) => one.Id)).not.toContain(due);
    expect(await standing(due)).toEqual(before);

    // Nobody has set anything for it but a label: the rest it has from its image and the engine.
    await action.undo(params, captured, context);
    expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
    expect((await yard.inspect("due")).State.Status).toBe("created");
  });

  it("stay when they are started between the plan and the act", async () => {
    const id = await yard.make("again", "exit 0", ["--label", yard.mine]);
    await docker("wait", id);
    const { action, context } = yard;
    const captured = await action.capture(yard.params([id]), context);
    await docker("start", id);
    await docker("wait", id);
    await expect(action.apply(yard.params([id]), captured, context)).rejects.toMatchObject({
      code: "stale-plan",
    });
    expect(await action.verify(yard.params([id]), captured, context)).toMatchObject({ ok: false });
    expect((await yard.all()).map((one) => one.Id)).toContain(id);
  });

  it("come back with settings, networks, volumes and every file, and stay stopped", async () => {
    const { action, context, name } = yard;
    const networks = [await yard.network("first"), await yard.network("second")];
    const id = await yard.job("job", networks);
    const before = await yard.seen("job");
    const params = yard.params([id]);
    const captured = await action.capture(params, context);
    // What is a secret of it lies with the copies, which only we can read, not in the backup that people look at.
    expect(JSON.stringify(captured)).not.toContain("MODE");
    await action.apply(params, captured, context);
    await expect(docker("inspect", name("job"))).rejects.toThrow(/No such object/i);
    expect(await imagesOfRemoved(yard.setAside)).toContain(yard.image);

    await action.undo(params, captured, context);
    expect(await action.undo(params, captured, context)).toContain("0 containers");
    expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
    expect(JSON.parse(await yard.seen("job"))).toEqual(JSON.parse(before));

    // Its own data is there: named, unnamed, asked for without a name, shared, and written beside them.
    const read = "cat /data/file /unnamed/file /asked/file /var/run/shared/file";
    const flags = ["--rm", "--label", yard.label, "--volumes-from", name("job"), "--entrypoint", ""];
    const volumes = await docker("run", ...flags, yard.tag, "/bin/sh", "-c", read);
    expect(volumes).toBe("kept\nunnamed\nasked\nshared");
    const copied = (path: string) =>
      execFileSync("sh", ["-c", `docker cp ${name("job")}:${path} - | tar -xO`], { encoding: "utf8" });
    expect([copied("/srv/result-too"), copied("/etc/app.conf")]).toEqual(["result\n", "new\n"]);
    const state = captured.state as { archive: string };
    const copies = await yard.setAside.open(state.archive);
    const log = copies?.get(`log ${id}`);
    let text = "";
    if (copies && log) for await (const chunk of copies.read(log)) text += chunk.toString();
    expect(text).toMatch(/stdout it said this\n/);
    expect(text).toMatch(/stderr and complained\n/);
  });

  it("are not called back where a file of theirs is another", async () => {
    const { action, context, name } = yard;
    const id = await yard.job("changed", []);
    const params = yard.params([id]);
    const captured = await action.capture(params, context);
    await action.apply(params, captured, context);
    await action.undo(params, captured, context);
    execFileSync("sh", [
      "-c",
      `echo another > ${yard.folder}/result && docker cp ${yard.folder}/result ${name("changed")}:/srv/result`,
    ]);
    expect(await action.verifyUndo(params, captured, context)).toMatchObject({
      ok: false,
      text: expect.stringContaining("(files)"),
    });
  });

  it("whose name another has, or whose volume is gone, come back as soon as that is put right", async () => {
    const { action, context, name } = yard;
    const id = await yard.job("taken", []);
    const params = yard.params([id]);
    const captured = await action.capture(params, context);
    const [volume = ""] = (
      JSON.parse(await docker("inspect", id))[0].Mounts as { Name?: string; Destination: string }[]
    )
      .filter((one) => one.Destination === "/unnamed")
      .map((one) => one.Name);
    await action.apply(params, captured, context);
    await yard.make("taken", "exit 0", [], false);
    await expect(action.undo(params, captured, context)).rejects.toMatchObject({ code: "undo-conflict" });
    await docker("rm", name("taken"));
    await docker("volume", "rm", volume);
    await expect(action.undo(params, captured, context)).rejects.toMatchObject({ code: "volume-missing" });
    await docker("volume", "create", volume);
    await action.undo(params, captured, context);
    expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
    await docker("volume", "rm", "-f", volume).catch(() => "");
  });

  it("of which the engine itself is not there are not asked for twice", async () => {
    const gone = makeStoppedContainers({
      api: connectDocker(`unix://${yard.folder}/nobody.sock`),
      services: () => [],
      label: "opsmedic.enable",
    });
    await expect(gone.list(yard.rule, Date.now())).rejects.toMatchObject({ code: "docker-unreachable" });
  });

  async function standing(but: string): Promise<string[]> {
    const all = (await yard.all()).filter((one) => one.Id !== but);
    return all.map((one) => `${one.Name} ${one.Id} ${one.State.Status} ${one.State.StartedAt}`).toSorted();
  }
});
