// The machine under the small shop, in plain data: nothing is short, every name is found, nobody holds a port.
import type { EvidenceParts } from "../../agents/evidence/observer.ts";
import type { Listener, Pressure, Sockets, Volume } from "../../tools/machine.ts";
import type { Certificate } from "../../tools/network.ts";
import type { ResourceUse } from "../../tools/target.ts";

/** Of the process that runs for each service. */
export const MAIN_PID = 4_711;

export interface ShopMachine {
  listeners: Record<number, Listener>;
  sockets: Sockets;
  variables: string[];
  /** By path; others are as the first. */
  volumes: Volume[];
  /** The same as a process with mounts of its own sees them; undefined: as we do. */
  inside?: Volume[];
  /** Paths that the service's user may not use. */
  denied: string[];
  changedAt: Record<string, number>;
  pressure: Pressure;
  /** Names that cannot be found. */
  lost: Record<string, "unknown" | "unanswered">;
  certificate?: Certificate;
  allowances: Pick<ResourceUse, "openFiles" | "threads" | "zombies">;
  /** What a health check sees beside good or bad, by service. */
  answers: Record<string, { status?: number; latencyMs?: number }>;
}

export function wellMachine(): ShopMachine {
  return {
    listeners: {},
    sockets: { established: 4, halfClosed: 0 },
    variables: ["PATH", "HOME"],
    volumes: [{ mount: "/srv", readOnly: false, used: 0.3, inodes: 0.1 }],
    denied: [],
    changedAt: {},
    pressure: { cpu: 0, memory: 0, io: 0, swap: 0 },
    lost: {},
    allowances: { openFiles: { used: 40, limit: 1_024 }, threads: { used: 12, limit: 4_096 }, zombies: 0 },
    answers: {},
  };
}

export function machineOf(shop: ShopMachine): Pick<EvidenceParts, "machine" | "network"> {
  return {
    machine: {
      listener: (port) => Promise.resolve(shop.listeners[port] ?? null),
      sockets: () => Promise.resolve(shop.sockets),
      variables: () => Promise.resolve(new Set(shop.variables)),
      volume: (path, pid) => {
        const volumes = (pid === undefined ? undefined : shop.inside) ?? shop.volumes;
        return Promise.resolve(volumes.find((one) => path.startsWith(one.mount)) ?? volumes[0]);
      },
      mayUse: (path) => Promise.resolve(!shop.denied.includes(path)),
      changedAt: (path) => Promise.resolve(shop.changedAt[path]),
      pressure: () => Promise.resolve(shop.pressure),
    },
    network: {
      resolve: (host) => Promise.resolve(shop.lost[host] ?? "found"),
      certificate: () =>
        shop.certificate ? Promise.resolve(shop.certificate) : Promise.reject(new Error("no TLS is spoken")),
    },
  };
}
