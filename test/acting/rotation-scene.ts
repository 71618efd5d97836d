// A replica behind the admin door of a proxy, a real HTTP server, which may break off in the middle of a change.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Rotation } from "../../domain/service.ts";
import { type CatalogueParts, makeActions } from "../../tools/actions/catalogue.ts";
import type { ActionScene } from "../contract/action.contract.ts";
import { openWorld } from "./world.ts";

export interface ProxyAdmin extends AsyncDisposable {
  rotation: Rotation;
  place: { state: "in" | "out"; inFlight: number; asked: string[] };
  /** The next change breaks off: before it was done, or after it but before the answer. */
  cut(when: "before" | "after"): void;
}

export async function openProxyAdmin(state: "in" | "out"): Promise<ProxyAdmin> {
  const place: ProxyAdmin["place"] = { state, inFlight: 0, asked: [] };
  let cut: "before" | "after" | undefined;
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    place.asked.push(`${method} ${url} ${headers.authorization ?? ""}`.trim());
    if (method === "GET") return void response.end(JSON.stringify(place));
    const when = cut;
    cut = undefined;
    if (when === "before") return void request.destroy();
    place.state = url === "/out" ? "out" : "in";
    return when === "after" ? void request.destroy() : void response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const door = { kind: "http", headers: { authorization: "Bearer t" } } as const;
  return {
    rotation: {
      of: "shop",
      takeOut: { ...door, method: "PUT", url: `${url}/out`, body: "drain" },
      putBack: { ...door, method: "POST", url: `${url}/in` },
      look: { ...door, method: "GET", url, out: '"state":"out"', idle: '"inFlight":0' },
      withinMs: 2_000,
    },
    place,
    cut: (when) => {
      cut = when;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export async function rotationScene(
  name: string,
  state: "in" | "out",
  parts: CatalogueParts,
): Promise<ActionScene> {
  const world = await openWorld();
  const admin = await openProxyAdmin(state);
  const action = makeActions(parts).get(name);
  if (action === undefined) throw new Error(`no action ${name}`);
  const { rotation } = admin;
  return {
    action,
    params: {},
    context: { ...world.context, service: { ...world.context.service, rotation } },
    world: () => Promise.resolve(admin.place.state),
    cut: admin.cut,
    async [Symbol.asyncDispose]() {
      await admin[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}
