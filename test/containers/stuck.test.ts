// The process lives, but does not serve: its own health check says so, or it answers nothing at all.
import { expect, it } from "vitest";
import { openScenario, untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { WEB } from "./programs.ts";
import { openYard } from "./yard.ts";

const HEALTH = ["--health-cmd", "test ! -e /tmp/sick", "--health-interval", "1s", "--health-retries", "2"];
/** Past its start-up, as the playbooks count it. */
const HANG_UPTIME_MS = 21_000;
const UNHEALTHY_UPTIME_MS = 61_000;

describeWith("docker", "a container that runs and does not serve", () => {
  it("is restarted when it hangs, and another one when its health check fails", {
    timeout: 150_000,
  }, async () => {
    await using yard = openYard();
    const { flags, url } = await yard.published(8080);
    const quick = ["--stop-timeout", "1"];
    const stuck = await yard.run("stuck", { program: WEB, flags: [...flags, ...quick] });
    const sick = await yard.run("sick", { program: WEB, flags: [...HEALTH, ...quick] });
    const beside = await yard.run("beside", { program: WEB });
    await yard.answers(url);
    await using site = await openScenario({
      services: () => [
        {
          name: "stuck",
          runtime: { docker: { container: stuck } },
          health: [{ http: url, timeout: "500ms" }],
          limits: { maxReplicas: 2 },
        },
        { name: "sick", runtime: { docker: { container: sick } } },
        { name: "beside", runtime: { docker: { container: beside } } },
      ],
    });
    const [stuckBefore, sickBefore, besideBefore] = await Promise.all(
      ["stuck", "sick", "beside"].map((role) => yard.inspect(role)),
    );
    const age = async (role: string): Promise<number> =>
      Date.now() - Date.parse((await yard.inspect(role)).State.StartedAt);
    await site.settle("stuck");
    await site.settle("sick");

    await site.targets.of("stuck")?.scale(2);
    const [copyBefore] = (await site.targets.of("stuck")?.copies?.list()) ?? [];
    await untilTrue("it is past its start", async () => (await age("stuck")) > HANG_UPTIME_MS, 500);
    await yard.exec("stuck", "kill -STOP $(cat /tmp/pid)");
    await site.sees("stuck", "hung");
    expect(await site.heal("stuck")).toMatchObject({ outcome: "healed" });
    await yard.answers(url);
    const stuckAfter = await yard.inspect("stuck");
    expect(stuckAfter.State.StartedAt).not.toBe(stuckBefore?.State.StartedAt);
    const [copyAfter] = (await site.targets.of("stuck")?.copies?.list()) ?? [];
    expect(copyAfter).toMatchObject({ number: 2, status: "running" });
    expect(copyAfter?.startedAt, "its replica was restarted, too").toBeGreaterThan(
      copyBefore?.startedAt ?? 0,
    );
    expect(Date.parse(stuckAfter.State.StartedAt), "and before it").toBeGreaterThan(
      copyAfter?.startedAt ?? 0,
    );

    while ((await age("sick")) < UNHEALTHY_UPTIME_MS) await site.look("sick");
    await yard.exec("sick", "touch /tmp/sick");
    await site.sees("sick", "unhealthy");
    const run = await site.heal("sick");
    expect(run).toMatchObject({ outcome: "healed" });
    expect((await site.incident(run?.id)).plan).toMatchObject({ playbook: "unhealthy-container" });
    await untilTrue(
      "its own health check passes",
      async () => (await yard.inspect("sick")).State.Health?.Status === "healthy",
    );
    expect((await yard.inspect("sick")).State.StartedAt).not.toBe(sickBefore?.State.StartedAt);

    expect(await yard.inspect("beside")).toEqual(besideBefore);
  });
});
