// One of several replicas behind a proxy, or all of them: each is repaired while the others serve, nobody who orders loses
// anything by it, and the proxy sends to all of them again.
import { request } from "node:http";
import type { Fault, Ground, Scene } from "../fault.ts";
import { makeProcessSite, type ProcessSite, type Role } from "../process-site.ts";

const replicas = ["first", "second", "third"] as const;
const behindProxy = { kind: "plain", needs: "processes", right: "healed" } as const;
const ill = { causes: [{ role: "first", playbooks: ["degraded-process"] }], may: ["process first"] };

/** Three replicas and their proxy, `front`. Well is: all answer, and all get requests. */
function scene(acts: (site: ProcessSite, ground: Ground) => Pick<Scene, "break"> & Partial<Scene>) {
  return async (ground: Ground): Promise<Scene> => {
    const ports: Record<string, number> = {};
    for (const name of [...replicas, "front"]) ports[name] = await ground.freePort();
    const admin = await ground.freePort();
    const doorOf = (name: string): string => `http://127.0.0.1:${admin}/replicas/${name}`;
    const replica = (name: string): Role => ({
      timeout: "4s",
      more: {
        rotation: {
          of: "web",
          takeOut: { http: `${doorOf(name)}/out` },
          putBack: { http: `${doorOf(name)}/in` },
          look: { http: doorOf(name), out: '"state":"out"', idle: '"inFlight":0' },
          within: "5s",
        },
      },
    });
    const front: Role = {
      program: "proxy",
      env: {
        ADMIN_PORT: String(admin),
        REPLICAS: replicas.map((name) => `${name}=${ports[name]}`).join(","),
      },
      // It asks any of them, and its answers are as slow as the slowest.
      more: {
        health: [{ http: `http://127.0.0.1:${ports["front"]}/`, timeout: "4s" }],
        dependsOn: replicas.map(ground.nameOf),
      },
    };
    const roles = Object.fromEntries(replicas.map((name) => [name, replica(name)]));
    const site = makeProcessSite(ground, { ...roles, front }, ports);
    const isIn = async (name: string): Promise<boolean> =>
      (await (await fetch(doorOf(name))).text()).includes('"state":"in"');
    const own = acts(site, ground);
    return site.scene({
      ...own,
      well: async () =>
        (await site.allAnswer()) &&
        (await Promise.all(replicas.map(isIn))).every(Boolean) &&
        ((await own.well?.()) ?? true),
    });
  };
}

const ORDERS_EVERY_MS = 50;

/** They come until the ground is left. What they POST no proxy tries again: each order that is lost is lost. */
function sendCustomers({ ports }: ProcessSite, { disposables }: Ground) {
  const seen = { served: 0, lost: 0 };
  const order = (): void => {
    const path = "/?quiet";
    const sent = request({ port: ports["front"], host: "127.0.0.1", method: "POST", path, agent: false });
    sent.once("error", () => (seen.lost += 1));
    sent.once("response", (answer) => {
      answer.resume();
      answer.once(
        "close",
        () => (seen[answer.statusCode === 200 && answer.complete ? "served" : "lost"] += 1),
      );
    });
    sent.end();
  };
  const coming = setInterval(order, ORDERS_EVERY_MS);
  disposables.defer(() => clearInterval(coming));
  return seen;
}

export const replicaFaults: readonly Fault[] = [
  {
    ...behindProxy,
    ...ill,
    name: "one-replica-broken",
    title: "One of three replicas behind a proxy answers every request with an error.",
    stage: scene((site) => ({
      break: async () => {
        site.willEnd("first");
        await site.become("first", "failing");
      },
    })),
  },
  {
    ...behindProxy,
    ...ill,
    name: "one-replica-slow",
    title: "One of three replicas behind a proxy answers slower and slower, and not one order may be lost.",
    stage: scene((site, ground) => {
      let customers: { served: number; lost: number } | undefined;
      return {
        break: async () => {
          site.willEnd("first");
          customers = sendCustomers(site, ground);
          await site.become("first", "crawling");
        },
        well: async () => customers === undefined || (customers.served > 0 && customers.lost === 0),
      };
    }),
  },
  {
    ...behindProxy,
    kind: "double",
    name: "replicas-and-proxy-killed",
    title: "Two of three replicas and the proxy before all of them are killed at once.",
    causes: ["first", "second", "front"].map((role) => ({
      role,
      playbooks: ["process-crash", "dependency-down"],
    })),
    may: ["process first", "process second", "process front"],
    withinMs: 150_000, // one after the other, each with its validation
    stage: scene((site) => ({
      break: async () => {
        for (const role of ["front", "first", "second"]) site.kill(role);
      },
    })),
  },
];
