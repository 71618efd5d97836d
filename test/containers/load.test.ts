// More work than one container can do: another one joins it under the same name, and only ours goes again.
import { expect, it } from "vitest";
import { makeRestore } from "../../api/restore.ts";
import { openScenario, untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { BUSY, CALLERS } from "./programs.ts";
import { docker, openYard } from "./yard.ts";

describeWith("docker", "a container with more load than it can carry", () => {
  it("gets a second one under its name, never a third, and loses only that again", async () => {
    await using yard = openYard();
    const network = await yard.network("net");
    const { flags, url } = await yard.published(8080);
    const inNetwork = ["--network", network];
    const container = await yard.run("shop", {
      program: BUSY,
      flags: [...flags, ...inNetwork, "--network-alias", "shop", "--cpus", "0.2"],
    });
    const callers = await yard.run("callers", { program: CALLERS, flags: inNetwork });
    await yard.answers(url);
    await using site = await openScenario({
      services: () => [
        {
          name: "shop",
          runtime: { docker: { container } },
          metrics: [{ prometheus: `${url}metrics` }],
          limits: { maxReplicas: 2 },
        },
      ],
      thresholds: { cpu: "72%" },
      healing: { validate: { for: "8s" } },
    });
    const quiet = async () => (await site.look("shop")).window.filter((one) => one.kind === "metric");
    await untilTrue(
      "some quiet seconds were measured",
      async () => (await quiet()).filter((one) => one.name === "request-rate").length > 5,
      500,
    );
    const before = await yard.inspect("shop");

    await docker("kill", "-s", "USR2", callers);
    await site.sees("shop", "cpu", { everyMs: 600 });
    const run = await site.heal("shop");

    const incident = await site.incident(run?.id);
    expect(incident.plan).toMatchObject({
      playbook: "resource-saturation",
      actions: [{ action: "scale", params: { replicas: 2 } }],
    });
    expect(run).toMatchObject({ outcome: "healed" });
    const replicas = (await yard.all()).filter((one) => one.Config.Labels["opsmedic.replica-of"] === "shop");
    expect(replicas).toMatchObject([
      { State: { Running: true }, Config: { Labels: { "opsmedic.managed": "true" } } },
    ]);
    expect((await yard.inspect("shop")).State.StartedAt).toBe(before.State.StartedAt);
    const lookUp = `require("node:dns").promises.resolve4("shop").then((all) => console.log(all.length))`;
    expect(await docker("exec", callers, "node", "-e", lookUp)).toBe("2");
    await expect(site.targets.of("shop")?.scale(3)).rejects.toMatchObject({ code: "replicas-out-of-range" });

    const restored = await makeRestore(site)(incident.backupId ?? "", { dryRun: false, by: "test" });
    expect(restored).toMatchObject({ restored: true });
    expect((await yard.all()).map((one) => one.Name).toSorted()).toEqual(
      [`/${yard.name("shop")}`, `/${yard.name("callers")}`].toSorted(),
    );
    expect((await yard.inspect("shop")).State.StartedAt).toBe(before.State.StartedAt);
  });
});
