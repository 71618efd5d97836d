// The promise of the first page, as a newcomer tries it: start, break the shop in every way there is, one after
// another in one server, and see each healed for the right cause, once, provably. Two newcomers side by side share the
// ways: healing is mostly waiting.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { RunStory, Operations } from "../../api/operations.ts";
import type { RunRecord } from "../../knowledge/records.ts";
import type { Fault } from "../../lab/demo.ts";
import { shopServices } from "../../lab/demo-paths.ts";
import {
  allHealthy,
  demoServices,
  levelsOf,
  makeServingNewcomer,
  type Newcomer,
  patient,
  type Serving,
} from "./newcomer.ts";

interface Chapter {
  fault: Fault;
  /** Who is healed, and is started exactly once for it. */
  services: readonly string[];
  playbook: string;
  /** One behind a proxy, whose customers must not notice. */
  replica?: true;
}

const stories: Record<string, Chapter[]> = {
  "what one sees from outside": [
    { fault: "crash", services: ["web"], playbook: "process-crash" },
    { fault: "hang", services: ["web"], playbook: "hang" },
    { fault: "error-spike", services: ["web"], playbook: "degraded-process" },
    { fault: "latency-spike", services: ["web"], playbook: "degraded-process" },
    { fault: "bad-config", services: ["web"], playbook: "crash-after-bad-config" },
    { fault: "slow-replica", services: ["stock-2"], playbook: "degraded-process", replica: true },
  ],
  "what one sees by its numbers and words": [
    { fault: "memory-leak", services: ["web"], playbook: "memory-leak" },
    // Not the first: of a service that has only begun nobody knows what load it usually has.
    { fault: "cpu-spike", services: ["worker"], playbook: "cpu-runaway" },
    { fault: "rate-limit", services: ["worker"], playbook: "rate-limited-by-upstream" },
    { fault: "stop-all", services: shopServices, playbook: "process-crash" },
  ],
};

const SECTIONS = [
  /^What was seen$/m,
  /^Evidence for ".+"$/m,
  /^Arithmetic$/m,
  /^Gate \(rules \d+\): allow$/m,
  /^Backup backup_\S+$/m,
  /^Actions$/m,
  /✓ verified/,
  /^Validation: healed$/m,
  /^Learned$/m,
];

describe.concurrent.each(Object.entries(stories))("%s", (_, story) => {
  let newcomer: Newcomer;
  let server: Serving;

  beforeAll(async () => {
    ({ newcomer, server } = await makeServingNewcomer("fresh"));
  }, 200_000);
  afterAll(() => newcomer[Symbol.asyncDispose]());

  it.each(story)(
    "$fault is healed as $playbook of $services, once",
    { timeout: 200_000, concurrent: false },
    async ({ fault, services, playbook, replica }) => {
      const before = { starts: newcomer.starts(), runs: await runIds(server.operations), files: shopFiles() };
      expect(await newcomer.run("demo", "break", fault)).toMatchObject({ code: 0 });

      await newcomer.explained(async () => {
        await vi.waitFor(
          async () => expect(await healedSince(before.runs)).toEqual(services.toSorted()),
          patient,
        );
        await wellAgain();
      });

      expect(newcomer.starts()).toEqual(
        Object.fromEntries(
          demoServices.map((name) => [name, (before.starts[name] ?? 0) + (services.includes(name) ? 1 : 0)]),
        ),
      );
      expect(shopFiles()).toEqual(fault === "rate-limit" ? slower(before.files) : before.files);
      for (const one of await runsSince(before.runs)) {
        if (one.outcome !== "healed") continue;
        await tellsEverything(one, playbook);
        if (replica) await nobodyNoticed(one);
      }
    },
  );

  it("can be checked afterwards: the audit log is whole, and every backup", {
    concurrent: false,
  }, async () => {
    const [audit, backups, token] = await Promise.all([
      newcomer.run("audit", "verify"),
      newcomer.run("backups", "verify"),
      newcomer.run("runs", "ls"),
    ]);
    expect([audit.code, backups.code, token.code]).toEqual([0, 0, 0]);
    expect(audit.out).toContain("is whole");
  });

  async function runsSince(before: ReadonlySet<string>): Promise<RunRecord[]> {
    return (await listed(server.operations)).filter((one) => !before.has(one.id));
  }

  /** Services with a healed run since then. A run that went wrong or waits for a person fails the test, with its story. */
  async function healedSince(before: ReadonlySet<string>): Promise<string[]> {
    const runs = await runsSince(before);
    const wrong = runs.find(
      (one) =>
        one.status === "waiting" ||
        ["escalated", "rolled-back", "failed", "rejected"].includes(one.outcome ?? ""),
    );
    if (wrong) throw new Error((await newcomer.run("runs", "show", wrong.id)).out);
    return runs
      .filter((one) => one.outcome === "healed")
      .map((one) => one.service)
      .toSorted();
  }

  /** Seen from outside, and by opsmedic itself, with nothing left to do. */
  async function wellAgain(): Promise<void> {
    // Not expect.poll: it does not know whose test it is in when two run side by side.
    await vi.waitFor(async () => {
      const pages = await Promise.all(
        ["/healthz", ...Array<string>(8).fill("/checkout")].map((path) => newcomer.page(path)),
      );
      const { services } = await server.operations.status();
      const busy = (await listed(server.operations)).filter((one) => one.status !== "ended");
      expect({
        pages: [...new Set(pages)],
        levels: levelsOf(services),
        busy: busy.length,
      }).toEqual({ pages: [200], levels: allHealthy, busy: 0 });
    }, patient);
  }

  function shopFiles(): { web: string; worker: string } {
    return {
      web: newcomer.shopFile("web/config/web.json"),
      worker: newcomer.shopFile("worker/config/worker.yaml"),
    };
  }

  async function nobodyNoticed({ id }: RunRecord): Promise<void> {
    const { incident } = await server.operations.run(id);
    expect(incident?.application?.steps.map((one) => one.text)).toEqual([
      expect.stringMatching(/^out of rotation of stock; its requests were done after/),
      expect.any(String),
      expect.stringMatching(/^well after \d+ ms, and back in rotation of stock/),
    ]);
    const { reserved, lost } = await newcomer.customers();
    expect({ lost, many: reserved > 20 }).toEqual({ lost: 0, many: true });
  }

  async function tellsEverything({ id, service }: RunRecord, playbook: string): Promise<void> {
    const { incident, backup }: RunStory = await server.operations.run(id);
    const [cause] = incident?.diagnosis?.hypotheses ?? [];
    expect([service, cause?.playbook, incident?.plan?.playbook]).toEqual([service, playbook, playbook]);
    const sum = cause?.addends.reduce((total, one) => total + one.points, 0);
    expect([sum, incident?.verdict?.scoreBp]).toEqual([cause?.scoreBp, cause?.scoreBp]);

    const [shown, replayed, verified] = await Promise.all([
      newcomer.run("runs", "show", id),
      newcomer.run("gate", "replay", id),
      newcomer.run("backups", "verify", backup?.meta.id ?? "none"),
    ]);
    for (const section of SECTIONS) expect(shown.out).toMatch(section);
    expect(shown.out).not.toContain("contradicts itself");
    expect(replayed).toMatchObject({ code: 0, out: expect.stringContaining("the same again") });
    expect(verified).toMatchObject({ code: 0 });
  }
});

/** One number, half as much again; comments and everything else stay as they are. */
function slower(files: { web: string; worker: string }): { web: string; worker: string } {
  expect(files.worker).toContain("# Pause between two polls");
  return { ...files, worker: files.worker.replace("delayMs: 800", "delayMs: 1200") };
}

const listed = async (operations: Operations): Promise<RunRecord[]> =>
  (await operations.runs({ limit: 200 })).runs;

async function runIds(operations: Operations): Promise<ReadonlySet<string>> {
  return new Set((await listed(operations)).map((one) => one.id));
}
