// A plain process that was never started is started; one that ended is a finding, and is healed like any other.
import { messageOf } from "../domain/errors.ts";
import type { Service } from "../domain/service.ts";
import { only } from "../domain/signal.ts";
import type { Actor } from "./operations.ts";
import type { Wired } from "./wire.ts";

type Parts = Pick<Wired, "targets" | "opened" | "logger">;

/** Started by its server, on nobody's order. */
const system: Pick<Actor, "name" | "door"> = { name: "opsmedic", door: "system" };

/** Processes that opsmedic is to run, that never ran, and that nobody stopped. */
export async function neverStarted(
  { targets }: Pick<Wired, "targets">,
  services: readonly Service[],
): Promise<Service[]> {
  const absent: Service[] = [];
  for (const service of services) {
    if (service.runtime?.kind !== "process") continue;
    const state = await targets.of(service.name)?.state();
    if (state?.status === "absent" && !state.stoppedByOperator) absent.push(service);
  }
  return absent;
}

export async function bringUp(
  { targets, opened, logger }: Parts,
  services: readonly Service[],
  by = system,
): Promise<void> {
  for (const { name } of await neverStarted({ targets }, services)) {
    await targets.of(name)?.start();
    await opened.store.audit.append({
      actor: by.name,
      door: by.door,
      action: "service.start",
      target: name,
      detail: {},
    });
    logger.info({ service: name }, "started");
  }
}

/** What the server does at its start: one that cannot be started keeps no other from being watched; its own looks tell of it. */
export async function bringUpEach(wired: Parts, services: readonly Service[]): Promise<void> {
  for (const one of services) {
    await bringUp(wired, [one]).catch((error: unknown) =>
      wired.logger.warn({ service: one.name, error: messageOf(error) }, "could not be started"),
    );
  }
}

/** As long as nothing is said about a service that has just been started. */
const COMES_UP_MS = 10_000;
/** A program that cannot run ends within this. */
const STAYS_MS = 1_000;
const LOOK_EVERY_MS = 250;

/** Until every probe is answered, it has ended again, or its time is over: the next look tells which. */
export async function comesUp(
  { engine, clock }: Pick<Wired, "engine" | "clock">,
  service: Service,
  signal: AbortSignal,
): Promise<void> {
  const began = clock.now();
  while (clock.now() - began < COMES_UP_MS) {
    const since = clock.now();
    const window = await engine.monitor.observe(service, signal);
    if (only(window, "state").at(-1)?.status !== "running") return;
    const answers = only(window, "probe").filter((one) => one.at >= since);
    if (answers.every((one) => one.ok) && since - began >= STAYS_MS) return;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

/** Starts one service and waits for it; what went wrong instead of an error. */
export async function startNow(
  wired: Parts & Pick<Wired, "engine" | "clock">,
  service: Service,
  { by, signal }: { by: Pick<Actor, "name" | "door">; signal: AbortSignal },
): Promise<string | undefined> {
  try {
    await bringUp(wired, [service], by);
    await comesUp(wired, service, signal);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return messageOf(error);
  }
}
