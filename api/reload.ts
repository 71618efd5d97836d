// What a running server takes over when opsmedic.yaml has changed: its services, and what healing may do. Where it listens,
// its store, log sources, a model and the like are read at a start only; that they differ is said, not hidden.
import { isDeepStrictEqual } from "node:util";
import { HealError } from "../domain/errors.ts";
import type { Service } from "../domain/service.ts";
import { bringUpEach } from "./bring-up.ts";
import type { Config } from "./config.ts";
import type { ReloadAnswer } from "./configuring.ts";
import type { Wired } from "./wire.ts";

type Raw = Config["raw"];
const TAKEN_OVER: readonly string[] = [
  "version",
  "services",
  "healing",
  "thresholds",
] satisfies (keyof Raw)[];

/** `readAgain` throws what is wrong with the file; then nothing has changed. */
export function makeReload(
  wired: Pick<Wired, "config" | "inForce" | "opened" | "targets" | "logger" | "policy">,
  readAgain: () => Config,
) {
  return async function reload({ dryRun }: { dryRun: boolean }): Promise<ReloadAnswer> {
    const next = readAgain();
    const before = { services: wired.inForce.services, policy: wired.policy.configured() };
    await wired.policy.reload();
    const switched = wired.policy.switchedMode();
    const changes = {
      ...serviceChanges(before.services, next.services),
      policy: !isDeepStrictEqual(before.policy, next.policy),
      switched_mode: switched === next.policy.mode ? null : switched,
      needs_restart: atStartOnly(wired.config.raw, next.raw),
    };
    await mustBeIdle(wired, changes);
    if (dryRun) return changes;
    const services = next.services.map((one) => sameAs(one, before.services) ?? one);
    wired.inForce.services = services;
    wired.policy.configure(next.policy);
    await bringUpEach(
      wired,
      services.filter((one) => changes.added.includes(one.name)),
    );
    return changes;
  };
}

/** The very object, where nothing has changed: what is remembered of the service goes on. */
function sameAs(service: Service, among: readonly Service[]): Service | undefined {
  return among.find((one) => isDeepStrictEqual(one, service));
}

const names = (all: readonly Service[]): string[] => all.map((one) => one.name);

function serviceChanges(before: readonly Service[], next: readonly Service[]) {
  const known = new Set(before.map((one) => one.name));
  const named = new Set(next.map((one) => one.name));
  return {
    added: names(next.filter((one) => !known.has(one.name))),
    changed: names(next.filter((one) => known.has(one.name) && !sameAs(one, before))),
    removed: names(before.filter((one) => !named.has(one.name))),
  };
}

const differ = <T extends object>(a: T, b: T, keys: readonly (keyof T & string)[]): string[] =>
  keys.filter((key) => !isDeepStrictEqual(a[key], b[key]));

function atStartOnly(first: Raw, next: Raw): string[] {
  const top = (Object.keys(next) as (keyof Raw)[]).filter((key) => !TAKEN_OVER.includes(key));
  return [
    ...differ(first, next, top),
    ...differ(first.healing, next.healing, ["every", "watch", "ownIndexes"]).map((key) => `healing.${key}`),
    ...differ(first.healing.backups, next.healing.backups, ["copiesIn"]).map(
      (key) => `healing.backups.${key}`,
    ),
  ];
}

/** A run goes by the service with which it began; what waits for a person looks again before it acts. */
async function mustBeIdle(
  { opened }: Pick<Wired, "opened">,
  { changed, removed }: Pick<ReloadAnswer, "changed" | "removed">,
): Promise<void> {
  const unfinished = await opened.store.runs.unfinished();
  const busy = unfinished.find(
    (one) => removed.includes(one.service) || (one.status === "running" && changed.includes(one.service)),
  );
  if (busy === undefined) return;
  throw new HealError(`Run ${busy.id} of ${busy.service} is not at its end; nothing was taken over.`, {
    code: "service-busy",
    retryable: true,
    hint: `Try again when it has ended, or end it first: opsmedic runs cancel ${busy.id}`,
  });
}
