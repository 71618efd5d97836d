// A flood of logs, sent by many at once to a real server that watches real processes: it slows those who send, a death
// in the midst of it is healed, and every line that was taken is counted.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { makeIntakeRoom } from "../../api/http/intake-room.ts";
import { makeIntake } from "../../tools/log-sources/intake.ts";
import { untilTrue } from "../scenarios/site.ts";
import { openServer, sleeper } from "./own-server.ts";
import { type Served, serveWorld } from "./serve-world.ts";

const SENDERS = 12;
const LINES = 2_000;
/** So that a few bodies are all that there is room for. */
const PADDING = "and so on ".repeat(150);

function bodyOf(sender: number, post: number): string {
  return Array.from({ length: LINES }, (_, n) =>
    JSON.stringify({
      service: n % 2 === 0 ? "noise" : "shop",
      level: n % 100 === 0 ? "error" : "info",
      message: `sender ${sender} wrote line ${n} of post ${post}: ${PADDING}`,
      timestamp: Date.now(),
    }),
  ).join("\n");
}

/** Sends until told to stop, again what was turned away; what was taken and how often it had to wait. */
async function flood(served: Served, sender: number, stop: AbortSignal) {
  let [taken, turnedAway] = [0, 0];
  for (let post = 0; !stop.aborted; post += 1) {
    const body = bodyOf(sender, post);
    for (;;) {
      const answer = await served.ask("operator", "/api/logs", { method: "POST", body });
      await answer.arrayBuffer();
      if (answer.status === 202) break;
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "1"]);
      turnedAway += 1;
      await sleep(50);
    }
    taken += LINES;
  }
  return { taken, turnedAway };
}

it("slows the sender and never the healing, and loses nothing", async () => {
  await using server = await openServer({ services: () => [sleeper("web"), { name: "shop" }] });
  await using served = await serveWorld({ intake: makeIntake({ onEvents: server.body.takeLogs }) });
  await server.well("web");

  const stop = new AbortController();
  const floods = Promise.all(
    Array.from({ length: SENDERS }, (_, sender) => flood(served, sender, stop.signal)),
  );
  await untilTrue("the flood has come", () => server.observers.logs.patterns("noise").length > 0);
  await server.killService("web");
  await untilTrue("the death is healed", async () => (await server.runsOf("web"))[0]?.outcome === "healed");
  stop.abort();
  const all = await floods;

  expect(server.starts("web")).toBe(2);
  expect(all.some(({ turnedAway }) => turnedAway > 0)).toBe(true);
  const taken = all.reduce((sum, one) => sum + one.taken, 0);
  const seen = server.observers.logs.patterns().filter(({ service }) => service !== "web");
  expect(seen.reduce((sum, { total }) => sum + total, 0)).toBe(taken);
});

const unread = () => Promise.reject(new Error("it was read"));

it("has room for one body however large, and turns away the next before it is read", async () => {
  const room = makeIntakeRoom(100);
  const first = Promise.withResolvers<string>();
  const taken = room.take(
    1_000,
    () => first.promise,
    async (body) => `took ${body}`,
  );
  await expect(room.take(1, unread, async () => "")).rejects.toMatchObject({ problem: { status: 429 } });
  first.resolve("it");
  expect(await taken).toBe("took it");
  await expect(
    room.take(
      1,
      async () => "two",
      async (body) => body,
    ),
  ).resolves.toBe("two");
});
