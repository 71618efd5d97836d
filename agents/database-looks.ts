// A look into a database as signals: all that it read as one, and the numbers that are worth a history of their own.
import type { Clock } from "../domain/clock.ts";
import { type DatabaseLook, hitRateOf } from "../domain/database.ts";
import type { Service } from "../domain/service.ts";
import type { DatabaseSignal, MetricSignal } from "../domain/signal.ts";
import type { DatabaseInspectors } from "../tools/database-inspector.ts";
import type { DatabaseDisks } from "./database-disks.ts";
import type { IndexWatch } from "./index-watch.ts";

export type LookIntoDatabase = (
  service: Service,
  signal?: AbortSignal,
  /** Told of a part that could not be read while the rest could. */
  onUnseen?: (error: unknown) => void,
) => Promise<(DatabaseSignal | MetricSignal)[]>;

/** Over fewer reads a rate says nothing: an idle server's is that of its own look. */
const FEWEST_READS = 1_000;

export function makeDatabaseLooks({
  inspectors,
  ownIndexes,
  disks,
  clock,
}: {
  inspectors: Pick<DatabaseInspectors, "of">;
  /** Where databases write; absent: nobody looks it up. */
  disks?: DatabaseDisks;
  /** The indexes that opsmedic made; absent: nobody watches them. */
  ownIndexes?: Pick<IndexWatch, "useless">;
  clock: Pick<Clock, "now">;
}): LookIntoDatabase {
  const before = new WeakMap<object, { look: DatabaseLook; hitRate: number | undefined }>();
  return async (service, signal, onUnseen) => {
    const { database } = service;
    if (database === undefined) return [];
    const look = await (await inspectors.of(database)).look(signal, onUnseen);
    // It does not answer: the probe says so, and says it better.
    if (look === undefined) return [];
    const earlier = before.get(database);
    // Where hardly anything was read, the rate is as it was: a number that comes and goes would be missed each night.
    const hitRate = hitRateSince(earlier?.look, look) ?? earlier?.hitRate;
    before.set(database, { look, hitRate });
    const useless = await ownIndexes?.useless(service, signal);
    const words = useless && { "useless-index": useless.index, "useless-index-why": useless.text };
    const disk = await fullestOf(disks, service, signal);
    const whole = {
      ...look,
      numbers: { ...look.numbers, ...disk?.numbers },
      words: { ...look.words, ...disk?.words, ...words },
    };
    return signalsOf(service.name, whole, hitRate, clock.now());
  };
}

async function fullestOf(
  disks: DatabaseDisks | undefined,
  service: Service,
  signal?: AbortSignal,
): Promise<Pick<DatabaseLook, "numbers" | "words"> | undefined> {
  const [fullest] = (await disks?.of(service, signal))?.disks ?? [];
  if (fullest === undefined) return undefined;
  const { freeBytes, mount } = fullest.volume;
  return {
    numbers: {
      "volume-share": fullest.taken,
      ...(freeBytes !== undefined && { "volume-free-bytes": freeBytes }),
    },
    words: { volume: mount },
  };
}

function signalsOf(
  service: string,
  look: DatabaseLook,
  hitRate: number | undefined,
  at: number,
): (DatabaseSignal | MetricSignal)[] {
  const { numbers, engine } = look;
  const metric = (
    name: MetricSignal["name"],
    value: number | undefined,
    of: string = engine,
  ): MetricSignal[] =>
    value === undefined || !Number.isFinite(value) ? [] : [{ kind: "metric", service, at, name, value, of }];
  return [
    { kind: "database", service, at, ...look },
    ...metric("connections", share(numbers.connections, numbers["connection-limit"])),
    ...metric("query-time", numbers["query-ms"]),
    ...metric("cache-hit-rate", hitRate),
    ...metric("replication-lag", numbers["replication-lag-ms"]),
    ...metric("size", numbers["size-bytes"]),
    ...metric("memory", share(numbers["memory-bytes"], numbers["memory-limit-bytes"]), "maxmemory"),
  ];
}

function hitRateSince(before: DatabaseLook | undefined, { numbers: now }: DatabaseLook): number | undefined {
  const then = before?.numbers;
  const hits = rise(then?.["cache-hits"], now["cache-hits"]);
  const misses = rise(then?.["cache-misses"], now["cache-misses"]);
  return (hits ?? 0) + (misses ?? 0) < FEWEST_READS ? undefined : hitRateOf(hits, misses);
}

/** A counter that fell began anew: then nothing is known. */
export function rise(before: number | undefined, now: number | undefined): number | undefined {
  return before === undefined || now === undefined || now < before ? undefined : now - before;
}

function share(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole <= 0 ? undefined : part / whole;
}
