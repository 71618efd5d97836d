// Containers become services by a label, while the server runs. Those without the label are nobody's business.
import { expect, it } from "vitest";
import { untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { WEB } from "./programs.ts";
import { openServer } from "./server.ts";
import { docker, openYard } from "./yard.ts";

describeWith("docker", "a container that asks to be watched", () => {
  it("is healed when it is killed; its neighbour without the label is never touched, though it crashes", async () => {
    await using yard = openYard();
    // A label of this test's own, so that it never meets containers of others.
    await using server = await openServer({ discoverLabel: yard.name("enable") });
    const container = await yard.run("web", {
      program: WEB,
      flags: ["--label", `${yard.name("enable")}=true`],
    });
    const other = await yard.run("other", { program: WEB });
    await untilTrue("it has become a service", () =>
      server.services().some((one) => one.name === container && one.discovered),
    );
    await server.sees(container, "healthy");
    const before = await yard.inspect("web");

    await docker("kill", other);
    await docker("kill", container);
    const crashed = await yard.inspect("other");

    await yard.runsAnew("web", before);
    expect(await server.endedRun(container)).toMatchObject({ service: container, outcome: "healed" });
    expect(server.services().map((one) => one.name)).toEqual([container]);
    expect(crashed.State).toMatchObject({ Running: false, ExitCode: 137 });
    expect(await yard.inspect("other")).toEqual(crashed);
    expect(await server.runsOf(other)).toEqual([]);

    await docker("rm", "-f", container);
    await untilTrue("it is no service any more", () => server.services().length === 0);
    expect(await yard.inspect("other")).toEqual(crashed);
  });
});
