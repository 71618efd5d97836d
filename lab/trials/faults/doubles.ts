// Two faults at once, each with its own cause and its own repair.
import type { Cause, Fault } from "../fault.ts";
import { processScene } from "../process-site.ts";
import { pair } from "./processes.ts";
import { rollOut, workerScene, workerYaml } from "./settings.ts";

const double = { kind: "double", needs: "processes", right: "healed", withinMs: 100_000 } as const;
const both = (one: Cause, other: Cause): Pick<Fault, "causes"> => ({ causes: [one, other] });
const at = (role: string, ...playbooks: string[]): Cause => ({ role, playbooks });
const needing = { web: { asks: "api" }, api: {} };
const BAD = '{ "peerTimeoutMs": 800 }\n';

export const doubleFaults: readonly Fault[] = [
  {
    ...double,
    ...both(at("web", "process-crash"), at("cart", "process-crash")),
    name: "two-killed",
    title: "Two services that have nothing to do with each other are killed at once.",
    may: ["process web", "process cart"],
    ci: true,
    stage: processScene(pair(), (site) => ({
      break: async () => {
        site.kill("web");
        site.kill("cart");
      },
    })),
  },
  {
    ...double,
    ...both(at("web", "process-crash", "dependency-down"), at("api", "process-crash")),
    name: "both-ends-killed",
    title: "A service and the one that it needs are killed at once.",
    may: ["process web", "process api"],
    stage: processScene(needing, (site) => ({
      break: async () => {
        site.kill("web");
        site.kill("api");
      },
    })),
  },
  {
    ...double,
    ...both(at("web", "hang"), at("cart", "degraded-process")),
    name: "one-hangs-one-fails",
    title: "One service hangs while another answers errors only.",
    may: ["process web", "process cart"],
    stage: processScene(pair(), (site) => ({
      break: async () => {
        await site.become("web", "locked");
        await site.become("cart", "failing");
      },
    })),
  },
  {
    ...double,
    ...both(at("web", "crash-after-bad-config"), at("cart", "crash-after-bad-config")),
    name: "bad-roll-out-everywhere",
    title: "One roll-out breaks two services at once.",
    may: ["process web", "process cart", "file web/", "file cart/"],
    stage: processScene(pair(), (site) => ({
      break: async () => {
        await rollOut(site, "web", "settings.json", BAD);
        await rollOut(site, "cart", "settings.json", BAD);
      },
    })),
  },
  {
    ...double,
    ...both(at("worker", "rate-limited-by-upstream"), at("cart", "process-crash")),
    name: "limited-and-killed",
    title: "A partner limits the worker while another service is killed.",
    may: ["process worker", "file worker/", "process cart"],
    stage: workerScene("settings.yaml", workerYaml, ({ site, upstream }) => ({
      break: async () => {
        upstream.limit.leastMs = 250;
        site.kill("cart");
      },
    })),
  },
  {
    ...double,
    ...both(at("web", "crash-after-bad-config"), at("api", "process-crash")),
    name: "bad-roll-out-and-needed-service-killed",
    title: "A roll-out breaks a service while the one that it needs is killed.",
    may: ["process web", "process api", "file web/"],
    stage: processScene(needing, (site) => ({
      break: async () => {
        site.kill("api");
        await rollOut(site, "web", "settings.json", BAD);
      },
    })),
  },
  {
    ...double,
    ...both(at("web", "hang"), at("api", "hang")),
    name: "both-ends-hang",
    title: "A service and the one that it needs stop answering at once.",
    may: ["process web", "process api"],
    stage: processScene(needing, (site) => ({
      break: async () => {
        site.kill("web", "SIGSTOP");
        site.kill("api", "SIGSTOP");
      },
    })),
  },
  {
    ...double,
    ...both(at("web", "crash-after-bad-config"), at("cart", "hang")),
    name: "bad-roll-out-and-a-hang",
    title: "A roll-out breaks one service while another waits for a lock for ever.",
    may: ["process web", "process cart", "file web/"],
    stage: processScene(pair(), (site) => ({
      break: async () => {
        await site.become("cart", "locked");
        site.willEnd("cart");
        await rollOut(site, "web", "settings.json", BAD);
      },
    })),
  },
];
