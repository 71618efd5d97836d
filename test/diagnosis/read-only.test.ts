// Evidence looks and touches nothing: every observation is made against real things that would notice.
import { createServer } from "node:http";
import { expect, it } from "vitest";
import { makeEvidence, observers } from "../../agents/evidence/make-evidence.ts";
import type { EvidenceParts } from "../../agents/evidence/observer.ts";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { makeLinuxMachine } from "../../tools/linux-machine.ts";
import { makeProber } from "../../tools/prober.ts";
import { makeSystemNetwork } from "../../tools/system-network.ts";
import { evidenceParts, finding, NOW, shop } from "./shop-world.ts";
import { askedAt } from "./machine-observation-cases.ts";

it("asks over HTTP with GET alone, sends no body, and reaches nothing that acts", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers["content-length"] ?? 0}`);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const world = shop();
  askedAt(world, `http://127.0.0.1:${port}/`);
  world.findings = [finding("error-rate")];
  const plain = evidenceParts(world);
  const touched: string[] = [];
  const acting = (what: string) => () => {
    touched.push(what);
    return Promise.reject(new Error("evidence acted"));
  };
  const targets: EvidenceParts["targets"] = {
    of: (name) => {
      const target = plain.targets.of(name);
      const hands = ["start", "restart", "reload", "scale", "setMemoryLimit"];
      return target && Object.assign(target, Object.fromEntries(hands.map((one) => [one, acting(one)])));
    },
  };
  const evidence = makeEvidence({
    ...plain,
    targets,
    prober: makeProber({ clock: systemClock }),
    machine: makeLinuxMachine(),
    network: makeSystemNetwork(),
    filesOf: (service) => {
      const files = plain.filesOf(service);
      return files && Object.assign(files, { write: acting("write") });
    },
  });
  const [service] = world.services;
  const [first] = world.findings;
  if (!service || !first) throw new Error("no scene");
  const scene = { service, finding: first, findings: world.findings, signals: world.signals, now: NOW };
  const params = shippedPlaybooks.flatMap(({ checks }) =>
    checks.map((one) => [one.observe, one.params] as const),
  );
  const all = [...observers.keys()].map((name) => [name, {}] as const);
  const answers = await Promise.all(
    [...params, ...all].map(([name, given]) => evidence.observe(name, given, scene)),
  );
  await new Promise((resolve) => server.close(resolve));
  expect(answers.filter((one) => one.status === "known").length).toBeGreaterThan(30);
  expect([...new Set(asked)]).toEqual(["GET 0"]);
  expect(touched).toEqual([]);
});
