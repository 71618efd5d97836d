// Three replicas behind a proxy, as opsmedic.yaml tells of them.
import { freePort, program } from "../scenarios/surroundings.ts";

export const replicas = ["web-1", "web-2", "web-3"] as const;
export type Replica = (typeof replicas)[number];

export interface Ports {
  proxy: number;
  admin: number;
  of: Record<Replica, number>;
}

export async function freePorts(): Promise<Ports> {
  const [proxy, admin, ...rest] = await Promise.all(Array.from({ length: 5 }, freePort));
  const of = Object.fromEntries(replicas.map((name, index) => [name, rest[index] ?? 0]));
  return { proxy: proxy ?? 0, admin: admin ?? 0, of: of as Ports["of"] };
}

/** As in opsmedic.yaml. Whoever writes the name of a way to go bad into MARK has every later start go bad. */
export const servicesOf = (ports: Ports, mark?: (folder: string) => string) => (folder: string) =>
  replicas.map((name) => {
    const place = `http://127.0.0.1:${ports.admin}/replicas/${name}`;
    return {
      name,
      runtime: {
        process: {
          command: program("web"),
          env: { PORT: String(ports.of[name]), ...(mark && { MARK: mark(folder) }) },
        },
      },
      health: [{ http: `http://127.0.0.1:${ports.of[name]}/`, timeout: "4s" }],
      rotation: {
        of: "web",
        takeOut: { http: `${place}/out` },
        putBack: { http: `${place}/in` },
        look: { http: place, out: '"state":"out"', idle: '"inFlight":0' },
        within: "5s",
      },
    };
  });
