// More comes than its pool of connections can carry at once, while the database behind it has nothing to do: the pool
// grows by half.
import { expect, it, onTestFinished } from "vitest";
import { webService } from "./shop.ts";
import { openScenario } from "./site.ts";
import { freePort } from "./surroundings.ts";

const SETTINGS = "# agreed with whoever runs the database\ndatabase: { pool_size: 4 } # of 100\n";

// Each request holds one of its connections for 100 ms; whoever waits longer than 250 ms for one is turned away.
const program = `
  const { createServer } = require("node:http");
  let free = Number(/pool_size: (\\d+)/.exec(require("node:fs").readFileSync(process.argv[1], "utf8"))[1]);
  const waiting = [];
  const give = () => { free += 1; waiting.shift()?.(); };
  const serve = (answer) => { free -= 1; setTimeout(() => { answer.end("ok"); give(); }, 100); };
  createServer((request, answer) => {
    if (request.url === "/health") return answer.end("ok");
    if (free > 0) return serve(answer);
    const mine = () => { clearTimeout(limit); serve(answer); };
    const limit = setTimeout(() => {
      waiting.splice(waiting.indexOf(mine), 1);
      console.error("ERROR connection pool exhausted: none was free within 250 ms");
      answer.writeHead(503).end();
    }, 250);
    waiting.push(mine);
  }).listen(Number(process.env.PORT), "127.0.0.1", () => console.log("INFO listening"));`;

/** So many at once, again and again, until the test is over. */
function callers(count: number, url: string): void {
  const stop = new AbortController();
  const call = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const status = await fetch(url, { signal: stop.signal }).then(
        async (answer) => {
          await answer.text();
          return answer.status;
        },
        () => 0,
      );
      if (status !== 200) await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const all = Array.from({ length: count }, call);
  onTestFinished(async () => {
    stop.abort();
    await Promise.all(all);
  });
}

it("a pool that is too small grows by half, and nothing else changes", async () => {
  const [db, port] = [await freePort(), await freePort()];
  await using site = await openScenario({
    files: { "api/settings.yaml": SETTINGS },
    services: (folder) => [
      webService("db", { port: db }),
      {
        name: "api",
        runtime: {
          process: {
            command: [process.execPath, "-e", program, `${folder}/api/settings.yaml`],
            env: { PORT: String(port) },
          },
        },
        health: [{ http: `http://127.0.0.1:${port}/health`, timeout: "1s" }],
        dependsOn: ["db"],
        files: { root: `${folder}/api`, editable: ["*.yaml"], afterEdit: "restart" },
      },
    ],
  });
  for (const name of ["db", "api"]) {
    await site.start(name);
    await site.settle(name);
  }
  callers(14, `http://127.0.0.1:${port}/`);
  await site.sees("api", "log-errors");

  const run = await site.heal("api");

  const incident = await site.incident(run?.id);
  expect(run).toMatchObject({ outcome: "healed" });
  expect(incident).toMatchObject({
    plan: {
      playbook: "pool-too-small",
      actions: [{ action: "edit-setting", params: { from: 4, to: 6 } }, { action: "restart" }],
    },
    verdict: { decision: "allow" },
  });
  expect(site.read("api/settings.yaml")).toBe(SETTINGS.replace("4", "6"));
  expect(site.starts("db")).toBe(1);
});
