// Three replicas behind a proxy that can drain them, and customers who come all the time. The proxy and the customers live
// outside opsmedic: what it does is seen from there.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { LONG_RUNNING_MS } from "../scenarios/shop.ts";
import { openScenario, type Scenario, type SiteOptions, untilTrue } from "../scenarios/site.ts";
import { program } from "../scenarios/surroundings.ts";
import { freePorts, type Ports, type Replica, replicas, servicesOf } from "./services-of-three.ts";

export { replicas, type Replica } from "./services-of-three.ts";

export async function startProxy({ proxy, admin, of }: Ports) {
  const env = {
    PORT: String(proxy),
    ADMIN_PORT: String(admin),
    REPLICAS: replicas.map((name) => `${name}=${of[name]}`).join(","),
  };
  const [command = "", ...args] = program("proxy");
  const child: ChildProcess = spawn(command, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const said: string[] = [];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => said.push(...text.trim().split("\n")));
  await untilTrue("the proxy listens", () => said.includes("INFO listening"), 20);
  const place = (name: Replica): string => `http://127.0.0.1:${admin}/replicas/${name}`;
  return {
    /** Who was taken out and put back, in order. */
    moves: () => said.filter((line) => / is (?:in|out)$/.test(line)).map((line) => line.replace("INFO ", "")),
    warnings: () => said.filter((line) => line.startsWith("WARN")),
    state: async (name: Replica) =>
      (await (await fetch(place(name))).json()) as { state: string; inFlight: number },
    set: async (name: Replica, wanted: "in" | "out") =>
      void (await fetch(`${place(name)}/${wanted}`, { method: "POST" })),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
export type Proxy = Awaited<ReturnType<typeof startProxy>>;

/** POSTs, which the proxy never tries again: each that is lost is lost. */
export function customers(port: number) {
  const seen = { served: 0, failed: [] as string[] };
  const under = new Set<Promise<void>>();
  const send = (): Promise<void> =>
    new Promise((resolve) => {
      const sent = request(
        { port, host: "127.0.0.1", method: "POST", path: "/?quiet", agent: false },
        (answer) => {
          answer.resume();
          answer.once("close", () => {
            if (answer.statusCode === 200 && answer.complete) seen.served += 1;
            else seen.failed.push(`status ${answer.statusCode}`);
            resolve();
          });
        },
      );
      sent.once("error", ({ message }) => {
        seen.failed.push(message);
        resolve();
      });
      sent.end();
    });
  const coming = setInterval(() => {
    const one = send().finally(() => under.delete(one));
    under.add(one);
  }, 40);
  return {
    seen,
    async [Symbol.asyncDispose]() {
      clearInterval(coming);
      await Promise.all(under);
    },
  };
}

export type ShopOfThree = Scenario & {
  proxy: Proxy;
  ports: Ports;
  /** See lab/programs/web.ts. */
  become: (name: Replica, way: string) => Promise<void>;
  /** Its health check and whoever else reads gets errors; who posts is served, after this time. */
  sicken: (name: Replica, answersAfterMs: number) => Promise<void>;
};

/** All three have been well for long. */
export async function openShopOfThree(
  options: Omit<SiteOptions, "services"> & { mark?: (folder: string) => string } = {},
): Promise<ShopOfThree> {
  const ports = await freePorts();
  const proxy = await startProxy(ports);
  const site = await openScenario({ ...options, services: servicesOf(ports, options.mark) });
  const end = async (): Promise<void> => {
    await site[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  };
  try {
    await Promise.all(replicas.map((name) => site.start(name)));
    await Promise.all(replicas.map((name) => site.settle(name)));
    for (const name of replicas) site.age(name, LONG_RUNNING_MS);
  } catch (error) {
    await end();
    throw error;
  }
  const ask = async (name: Replica, path: string): Promise<void> => {
    await (await fetch(`http://127.0.0.1:${ports.of[name]}${path}`)).text();
  };
  const become = (name: Replica, way: string): Promise<void> => ask(name, `/become/${way}`);
  return {
    ...site,
    proxy,
    ports,
    become,
    async sicken(name, answersAfterMs) {
      await become(name, `slow-${answersAfterMs}`);
      await become(name, "failing-reads");
      await Promise.all(Array.from({ length: 8 }, () => ask(name, "/")));
    },
    [Symbol.asyncDispose]: end,
  };
}
