// One of several replicas behind a proxy: it is repaired, the others are left alone, and the proxy sends to all of them again.
import type { Fault } from "../fault.ts";
import { makeProcessSite, type Role } from "../process-site.ts";

const replicas = ["first", "second", "third"] as const;

export const replicaFaults: readonly Fault[] = [
  {
    kind: "plain",
    needs: "processes",
    right: "healed",
    causes: [{ role: "first", playbooks: ["degraded-process"] }],
    may: ["process first"],
    name: "one-replica-broken",
    title: "One of three replicas behind a proxy answers every request with an error.",
    async stage(ground) {
      const ports: Record<string, number> = {};
      for (const name of [...replicas, "front"]) ports[name] = await ground.freePort();
      const admin = await ground.freePort();
      const doorOf = (name: string): string => `http://127.0.0.1:${admin}/replicas/${name}`;
      const replica = (name: string): Role => ({
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
      const all = replicas.map((name) => `${name}=${ports[name]}`).join(",");
      const front: Role = { program: "proxy", env: { ADMIN_PORT: String(admin), REPLICAS: all } };
      const roles = Object.fromEntries(replicas.map((name) => [name, replica(name)]));
      const site = makeProcessSite(ground, { ...roles, front }, ports);
      const inRotation = async (name: string): Promise<boolean> =>
        (await (await fetch(doorOf(name))).text()).includes('"state":"in"');
      return site.scene({
        break: async () => {
          site.willEnd("first");
          await site.become("first", "failing");
        },
        well: async () =>
          (await site.allAnswer()) && (await Promise.all(replicas.map(inRotation))).every(Boolean),
      });
    },
  },
];
