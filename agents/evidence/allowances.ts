// What the kernel allows the service and how much of it is taken now; and what it has left lying about.
import type { Allowance, ResourceUse } from "../../tools/target.ts";
import { only } from "../../domain/signal.ts";
import { type Look, type Observer, percent, seen, type Seen, signalsOf, unseen } from "./observer.ts";

const openFilesNow: Observer = async (look) => {
  const found = allowed((await look.use())?.openFiles, "files and connections open");
  return found ?? before(look, "open-files");
};

const threadsNow: Observer = async (look) => {
  const found = allowed((await look.use())?.threads, "threads and processes");
  return found ?? before(look, "threads");
};

const zombiesNow: Observer = async (look) => {
  const use: ResourceUse | undefined = await look.use();
  return use?.zombies === undefined
    ? unseen("its children cannot be counted")
    : seen(use.zombies, `${use.zombies} ended children not collected`);
};

/** Connections that the other side has closed and the service has not: it forgot them. */
const halfClosed: Observer = async (look) => {
  const pids = await look.pids();
  if (!pids || pids.length === 0) return unseen("its processes cannot be seen");
  const sockets = await look.parts.machine?.sockets(pids);
  if (!sockets) return unseen("its connections cannot be seen");
  const { halfClosed: forgotten, established } = sockets;
  return seen(
    { value: forgotten, established },
    `${forgotten} connections closed by the other side only, ${established} in use`,
  );
};

export const allowances: Record<string, Observer> = {
  "open-files-now": openFilesNow,
  "threads-now": threadsNow,
  "zombies-now": zombiesNow,
  "half-closed": halfClosed,
};

function allowed(allowance: Allowance | undefined, of: string): Seen | undefined {
  if (allowance === undefined) return undefined;
  const share = allowance.used / allowance.limit;
  return seen(
    { value: share, used: allowance.used, limit: allowance.limit },
    `${allowance.used} of ${allowance.limit} ${of}`,
  );
}

/** Of what has ended: what was measured of it last. */
function before(look: Look, name: "open-files" | "threads"): Seen {
  const last = only(signalsOf(look), "metric").findLast((one) => one.name === name);
  return last
    ? seen(last.value, `had taken ${percent(last.value)} when last seen`)
    : unseen("what it may have was not measured");
}
