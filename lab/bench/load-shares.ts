// How much of a loaded server's throughput is left while opsmedic watches it, and while it finds and heals a fault there.
// One load runs through everything, told by the second, so that neither its start nor its warmth is in the numbers.
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchContext, Row } from "./benchmark.ts";
import { type Server, startServer } from "./server.ts";
import { median, preciseNow } from "./statistics.ts";

export interface Second {
  /** Unix ms. */
  from: number;
  to: number;
  /** Of whatever is counted, a second. */
  rate: number;
}

export interface LoadedServer {
  /** As in opsmedic.yaml, without its name. */
  service: object;
  /** What has been counted so far; it grows. */
  seconds: readonly Second[];
  /** The fault that opsmedic heals, and how it is mended without it. */
  breakIt(): Promise<{ isOver(): Promise<boolean>; mend(): Promise<void> }>;
  /** Said of the rows. */
  fault: string;
}

const SERVICE = "db";
const QUIET_MS = 3_000;
const WATCHED_MS = 5_000;
/** A server's start is not what is measured: its code is compiled, and the cases that it comes with are filed. */
const SETTLE_MS = 20_000;
/** What was just done passes. */
const CALM_MS = 1_000;
const LOOK_MS = 200;
const OVER_WITHIN_MS = 30_000;
/** After the fault: the look whether it stays away, and the report. */
const REPORT_MS = 4_000;
const BAR = 95;

interface Span {
  from: number;
  to: number;
}

interface Round {
  quiet: Span;
  faulty: Span;
  watched: Span;
  /** From the fault's beginning to its run's end. */
  healing: Span;
  /** From the run's start until its last action was applied; undefined: nothing was healed. */
  repair: Span | undefined;
}

/** Rows of percentages of the throughput that there is without opsmedic, in turns. */
export async function sharesUnderLoad({ runs, say }: BenchContext, loaded: LoadedServer): Promise<Row[]> {
  const { seconds, fault } = loaded;
  const quietly = async (ms: number): Promise<Span> => {
    await sleep(CALM_MS);
    return during(() => sleep(ms));
  };
  const rounds: Round[] = [];
  for (let count = 1; count <= runs; count += 1) {
    const quiet = await quietly(QUIET_MS);
    const broken = await loaded.breakIt();
    const faulty = await quietly(QUIET_MS);
    await broken.mend();
    rounds.push({ quiet, faulty, ...(await watchedAndHealed(loaded)) });
    say(`${count} of ${runs}`);
  }
  const last = await quietly(QUIET_MS);
  await sleep(CALM_MS);

  const before = rounds.map(({ quiet }) => within(seconds, quiet));
  const after = [...rounds.slice(1).map(({ quiet }) => quiet), last].map((span) => within(seconds, span));
  const alone = (n: number): number => ((before[n] ?? Number.NaN) + (after[n] ?? Number.NaN)) / 2;
  const shares = (rates: (round: Round) => number): number[] =>
    rounds.map((round, n) => (100 * rates(round)) / alone(n)).filter((share) => !Number.isNaN(share));
  const healed = rounds.filter(({ repair }) => repair !== undefined).length;
  return [
    row("floor", "alone, of alone some 20 s earlier: what the machine itself varies", {
      samples: before.map((rate, n) => (100 * (after[n] ?? Number.NaN)) / rate),
      note: `${Math.round(median(before))} a second`,
    }),
    row("floor", `alone, with ${fault}`, { samples: shares(({ faulty }) => within(seconds, faulty)) }),
    row("opsmedic", "looked into every 5 s", {
      samples: shares(({ watched }) => within(seconds, watched)),
      bar: BAR,
    }),
    row("opsmedic", `while it finds ${fault}, and looks whether it stays away: outside the repair itself`, {
      samples: rounds.flatMap((round, n) => shareOutside(seconds, round, alone(n))),
      bar: BAR,
      note: `healed in ${healed} of ${runs} rounds`,
    }),
    row("opsmedic", "· in the seconds of the repair itself, from its run's start until it was applied", {
      samples: shares(({ repair }) => (repair ? touching(seconds, repair) : Number.NaN)),
      note: `${Math.round(median(rounds.flatMap(({ repair }) => (repair ? [repair.to - repair.from] : []))))} ms`,
    }),
  ];
}

/**
 * Of what there would be without opsmedic: while the fault stands, what is left beside it alone; after the repair, all.
 * Empty: nothing was healed.
 */
function shareOutside(
  seconds: readonly Second[],
  { healing, repair, faulty }: Round,
  alone: number,
): number[] {
  if (repair === undefined) return [];
  const parts = [
    { span: { from: healing.from, to: repair.from }, of: within(seconds, faulty) },
    { span: { from: repair.to, to: healing.to }, of: alone },
  ];
  const shares = parts.flatMap(({ span, of }) =>
    seconds.filter((one) => one.from >= span.from && one.to <= span.to).map(({ rate }) => rate / of),
  );
  return shares.length === 0 ? [] : [(100 * shares.reduce((sum, one) => sum + one, 0)) / shares.length];
}

function row(role: Row["role"], what: string, more: Pick<Row, "samples" | "bar" | "note">): Row {
  return { role, what: `throughput ${what}`, unit: "%", ...more };
}

async function watchedAndHealed(loaded: LoadedServer): Promise<Omit<Round, "quiet" | "faulty">> {
  await using server = await startServer({ name: "embedded" }, () => ({
    services: [{ name: SERVICE, ...loaded.service }],
    healing: { validate: { for: "2s" } },
  }));
  await sleep(SETTLE_MS);
  const watched = await during(() => sleep(WATCHED_MS));
  const from = preciseNow();
  const broken = await loaded.breakIt();
  for (const until = from + OVER_WITHIN_MS; !(await broken.isOver()) && preciseNow() < until; )
    await sleep(LOOK_MS);
  const isOver = await broken.isOver();
  // Nobody asks the API meanwhile: answering would be in the numbers.
  if (isOver) await sleep(REPORT_MS);
  const repair = isOver ? await repairSince(server, from) : undefined;
  const to = preciseNow();
  await broken.mend();
  return { watched, healing: { from, to }, repair };
}

/** As the run's own story tells it; undefined: it did not heal. */
async function repairSince(server: Server, since: number): Promise<Span | undefined> {
  const { run, incident, steps } = await server.ended(SERVICE, since);
  const applied = steps.findLast((one) => one.node === "apply" && one.phase === "end");
  if (run.outcome !== "healed" || !incident || applied === undefined) return undefined;
  return { from: Date.parse(run.startedAt), to: Date.parse(applied.at) };
}

async function during(work: () => Promise<unknown>): Promise<Span> {
  const from = preciseNow();
  await work();
  return { from, to: preciseNow() };
}

/** The mean rate of the seconds that lie wholly in the span; NaN of none. */
function within(seconds: readonly Second[], { from, to }: Span): number {
  return mean(seconds.filter((one) => one.from >= from && one.to <= to));
}

function touching(seconds: readonly Second[], span: Span): number {
  return mean(seconds.filter((one) => touches(one, span)));
}

const touches = (one: Span, other: Span): boolean => one.from < other.to && one.to > other.from;

function mean(seconds: readonly Second[]): number {
  return seconds.reduce((sum, { rate }) => sum + rate, 0) / seconds.length;
}
