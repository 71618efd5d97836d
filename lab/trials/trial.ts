// One fault from its break to its end, watched from outside: the lab's own probes, its own look at everything that a
// repair could change, and what the API tells, each with the time at which it was seen.
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../domain/errors.ts";
import type { RunOutcome } from "../../domain/incident.ts";
import type { RunExport, RunRecord } from "../../knowledge/records.ts";
import type { Fault, Operator, Scene, Seen } from "./fault.ts";
import { LAB, type LabServer } from "./server.ts";

const LOOK_EVERY_MS = 150;
const WITHIN_MS = 75_000;
const WATCH_MS = 15_000;
/** A repair that was not wanted would come at once; this long nothing may follow what was told. */
const QUIET_MS = 4_000;
const WELL_IN_A_ROW = 4;
/** A setting of a server is in force for who connects now; the lab's own session hears of it a moment later. */
const SETTLES_MS = 500;

/** A person hears of it. */
const told: ReadonlySet<RunOutcome> = new Set(["escalated", "rolled-back", "failed", "observed"]);

export interface Trial {
  brokenAt: number;
  /** Whether the lab saw that those who use it were not served. */
  sawIll: boolean;
  incidentAt?: number;
  /** First change that was not there right after the break. */
  changedAt?: number;
  /** First of the good answers that lasted. */
  wellAt?: number;
  wellAtEnd: boolean;
  toldAt?: number;
  /** Right after the break, and at the end. */
  before: Seen;
  after: Seen;
  dataBefore: Seen;
  dataAfter: Seen;
  /** Everything that changed at any time. */
  touched: readonly string[];
  /** After the repair was taken back through the API, where the fault asks for it. */
  takenBack?: Seen;
  /** Whether it was as wanted in the end, or the time was over. */
  ended: "as wanted" | "time over";
  runs: readonly RunExport[];
  /** What kept the lab itself from a fair trial. */
  problem?: string;
}

export async function tryFault(
  fault: Fault,
  scene: Scene,
  { server, signal }: { server: LabServer; signal: AbortSignal },
): Promise<Trial> {
  const mine = new Set(Object.values(scene.names));
  const known = new Set([...server.runs.keys(), ...server.incidents.keys()]);
  const dataBefore = await scene.data();
  const brokenAt = Date.now();
  const { before, sawIll, gone, goneAt } = await brokenUnderWatch(scene, server.operator, signal);
  const watched = { sawIll, wellInARow: 0, touched: new Set<string>(gone) };
  const times: Partial<Pick<Trial, "incidentAt" | "changedAt" | "wellAt" | "toldAt">> = {
    ...(goneAt !== undefined && { changedAt: goneAt }),
  };
  let ended: Trial["ended"] = "time over";

  const newRuns = (): RunRecord[] =>
    [...server.runs].flatMap(([id, { now }]) => (!known.has(id) && mine.has(now.service) ? [now] : []));

  function hear(): void {
    for (const [id, { at, now }] of server.incidents) {
      if (known.has(id) || !mine.has(now.service)) continue;
      times.incidentAt ??= at;
      if (now.status === "ESCALATED") times.toldAt ??= Date.now();
    }
    if (newRuns().some((one) => one.status === "waiting" || told.has(one.outcome ?? "healthy")))
      times.toldAt ??= Date.now();
  }

  async function look(): Promise<void> {
    const [well, now] = await Promise.all([scene.well(), scene.state()]);
    const changed = differences(before, now);
    for (const one of changed) watched.touched.add(one);
    if (changed.length > 0) times.changedAt ??= Date.now();
    if (well) {
      watched.wellInARow += 1;
      if (watched.wellInARow === 1) times.wellAt = Date.now();
    } else {
      watched.sawIll = true;
      watched.wellInARow = 0;
      delete times.wellAt;
    }
  }

  const isDone = (): boolean => {
    const now = Date.now();
    const idle = newRuns().every((one) => one.status !== "running");
    switch (fault.right) {
      case "healed":
        return (
          (watched.sawIll || times.changedAt !== undefined) &&
          watched.wellInARow >= WELL_IN_A_ROW &&
          idle &&
          eachWasLookedAt(fault, scene, newRuns())
        );
      case "told":
      case "given up":
        return times.toldAt !== undefined && idle && now - times.toldAt >= QUIET_MS;
      case "nothing":
        return now - brokenAt >= (fault.watchMs ?? WATCH_MS) && idle;
    }
  };

  const deadline = brokenAt + Math.max(fault.withinMs ?? WITHIN_MS, fault.watchMs ?? 0);
  while (Date.now() < deadline + QUIET_MS) {
    signal.throwIfAborted();
    await look();
    hear();
    if (isDone()) {
      ended = "as wanted";
      break;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }

  await scene.mend();
  const after = await scene.state();
  const exported = await Promise.all(
    newRuns()
      .toSorted((a, b) => a.startedAt - b.startedAt)
      .map((one) => server.operations.exportRun(one.id)),
  );
  return {
    brokenAt,
    sawIll: watched.sawIll,
    ...times,
    wellAtEnd: watched.wellInARow >= WELL_IN_A_ROW,
    before,
    after,
    dataBefore,
    dataAfter: await scene.data(),
    touched: [...watched.touched],
    ...(fault.takeBack && (await takeBack(scene, exported, server))),
    ended,
    runs: exported,
  };
}

/**
 * Some faults take seconds to make, and are seen and repaired meanwhile: that they did harm, and which of the sessions that
 * they opened were ended, shows only while they are made.
 */
async function brokenUnderWatch(
  scene: Scene,
  operator: Operator,
  signal: AbortSignal,
): Promise<{ before: Seen; sawIll: boolean; gone: Set<string>; goneAt: number | undefined }> {
  const gone = new Set<string>();
  let goneAt: number | undefined;
  let sawIll = false;
  let last: Seen = {};
  const note = (now: Seen): void => {
    const ended = Object.keys(last).filter((name) => name.startsWith("session ") && !(name in now));
    for (const name of ended) gone.add(name);
    if (ended.length > 0) goneAt ??= Date.now();
    last = now;
  };
  let isOver = false;
  const breaking = scene.break(operator).finally(() => (isOver = true));
  breaking.catch(() => undefined); // told where it is awaited
  const over = breaking.then(
    () => undefined,
    () => undefined,
  );
  for (;;) {
    await Promise.race([over, sleep(LOOK_EVERY_MS, undefined, { signal })]);
    if (isOver) break;
    const [well, now] = await Promise.all([scene.well(), scene.state()]);
    sawIll ||= !well;
    note(now);
  }
  await breaking;
  const before = await scene.state();
  note(before);
  return { before, sawIll, gone, goneAt };
}

/** What the lab itself could not do is no success. */
export function withoutTrial(problem: string): Trial {
  return {
    brokenAt: Date.now(),
    sawIll: false,
    wellAtEnd: false,
    before: {},
    after: {},
    dataBefore: {},
    dataAfter: {},
    touched: [],
    ended: "time over",
    runs: [],
    problem: `the lab could not try it: ${problem}`,
  };
}

/** The last repair that healed, taken back as a person would. */
async function takeBack(
  scene: Scene,
  runs: readonly RunExport[],
  { operations }: LabServer,
): Promise<Pick<Trial, "takenBack" | "problem">> {
  const backup = runs.findLast((one) => one.run.outcome === "healed")?.incident?.backupId;
  if (!backup) return { problem: "no healed run has a backup to take back" };
  try {
    await operations.restoreBackup(backup, {}, LAB);
    await sleep(SETTLES_MS);
    return { takenBack: await scene.state() };
  } catch (error) {
    return { problem: `the backup could not be restored: ${messageOf(error)}` };
  }
}

/** Of a double fault the second may still be coming when the first is over. */
function eachWasLookedAt({ causes = [] }: Fault, scene: Scene, runs: readonly RunRecord[]): boolean {
  return causes.every(({ role }) => runs.some((one) => one.service === scene.names[role]));
}

/** Names of what is not the same any more, or was not there. */
export function differences(before: Seen, after: Seen): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => before[name] !== after[name])
    .sort();
}
