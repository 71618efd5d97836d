// Who has the port on which the service is to be asked: the service itself, nobody, or somebody else.
import { addressOf } from "./answers.ts";
import { type Look, type Observer, seen, unseen } from "./observer.ts";

/** "own" | "other" | "nobody", with number and name of the holder's process where they may be seen. */
const portHolder: Observer = async (look) => {
  const address = addressOf(look.scene.service);
  if (!address || !isHere(address.host)) return unseen("it is not asked at an address of this machine");
  const listener = await look.parts.machine?.listener(address.port);
  if (listener === undefined) return unseen("no machine can be asked");
  if (listener === null) return seen("nobody", `nobody listens on port ${address.port}`);
  const own = await ownPids(look);
  if (own === undefined) return unseen("its processes cannot be told from others");
  const { pid, program = "a program" } = listener;
  const who = pid === undefined ? "a process that may not be seen" : `${program} (process ${pid})`;
  const value = pid !== undefined && own.includes(pid) ? "own" : "other";
  const holder = { pid: pid ?? null, program: listener.program ?? null, port: address.port };
  return seen({ value, ...holder }, `port ${address.port} is held by ${value === "own" ? "it" : who}`);
};

export const ports: Record<string, Observer> = { "port-holder": portHolder };

/** Its processes; none where it does not run; undefined where they are not to be seen, as behind a published port. */
async function ownPids(look: Look): Promise<readonly number[] | undefined> {
  if (!look.target) return undefined;
  const pids = await look.pids();
  // What listens for a container is the engine's proxy, or nobody at all: no process of the container.
  if (look.scene.service.runtime?.kind !== "process" && pids?.length !== 0) return undefined;
  return pids;
}

function isHere(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "0.0.0.0" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
