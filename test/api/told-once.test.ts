// A trouble that lasts and was left to a person, as a whole server tells it: once, over a restart, and again when it is over.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { systemClock } from "../../domain/system-clock.ts";
import { untilTrue } from "../scenarios/site.ts";
import { openServer, type OwnServer } from "./own-server.ts";

const mark = (folder: string): string => join(folder, "down");

it("tells what lasts once, over a restart; reminds of it after a while, and tells that it is over", async () => {
  const lines: string[] = [];
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead, sleep: systemClock.sleep };
  const said = () => lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  const before = await openServer({
    store: "folder",
    clock,
    services: (folder) => [
      { name: "partner", health: [{ exec: ["/bin/sh", "-c", `! test -e ${mark(folder)}`] }] },
    ],
    healing: { validate: { for: "1s" }, breaker: { cooldown: "1s" } },
    onLog: (line) => lines.push(line),
  });
  await before.well("partner");
  writeFileSync(mark(before.folder), "");
  await escalatedRuns(before, 2);
  expect(said()).toEqual(["a human is needed"]);
  const [incident] = await before.store.incidents.list({ limit: 2 });
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    service: "partner",
    incidentId: incident?.id,
    next: `opsmedic incidents show ${incident?.id}`,
  });

  await using server = await before.restarted();
  await escalatedRuns(server, 3);
  expect(said()).toEqual(["a human is needed"]);
  ahead += 3_600_000;
  await untilTrue("it is reminded of", () => said().includes("a human is still needed"));
  rmSync(mark(server.folder));
  await untilTrue("its end is told", () => said().length > 2);
  expect(said()).toEqual(["a human is needed", "a human is still needed", "no human is needed any more"]);
  expect(eventsOf(server)).toEqual(["reminder", "resolved"]);
  expect(eventsOf(before)).toEqual(["escalated"]);
});

const eventsOf = (server: OwnServer) =>
  server.published.filter((one) => one.topic === "incident").map((one) => one.data["type"]);

const escalatedRuns = (server: OwnServer, count: number) =>
  untilTrue(`${count} runs have ended in vain`, async () => {
    const runs = await server.runsOf("partner");
    return runs.filter((one) => one.outcome === "escalated").length >= count;
  });
