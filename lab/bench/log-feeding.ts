// Feeds a server with lines, and watches from outside when it shows what some of them mean.
import { setTimeout as sleep } from "node:timers/promises";
import { type Feed, quietServices } from "./log-feeds.ts";
import { makeLineWriter, type WrittenLine } from "./log-lines.ts";
import type { Server } from "./server.ts";

export interface Feeding {
  /** Goes on for so long, or until so many lines are sent. */
  ms?: number;
  lines?: number;
  /** Batches under way at once. */
  senders: number;
  /** Absent: as fast as they are taken. */
  linesPerSecond?: number;
}

export interface Fed {
  /** What went in, those lines included that are watched. */
  lines: number;
  /** Taken in each whole second; where the feed does not say, over all the time until the last one was shown. */
  perSecond: number[];
  /** From just before a line was sent until the API showed it; ms. */
  toPattern: number[];
  toFinding: number[];
}

const BATCH = 1_000;
const SEED = 20_261_121;
/** More often, and the asking would be the load. */
const ASK_EVERY_MS = 200;
const MARK_EVERY_MS = 500;
const SICK_EVERY_MS = 1_500;
const SHOWN_WITHIN_MS = 60_000;

export async function feedLines(server: Server, feed: Feed, feeding: Feeding): Promise<Fed> {
  const writer = makeLineWriter(SEED);
  const ended = new AbortController();
  /** What goes with the next batch, and is told when that is on its way. */
  const extra: { lines: WrittenLine[]; sent: (at: number) => void }[] = [];
  const taken: { at: number; lines: number }[] = [];
  const began = performance.now();
  let written = 0;

  const goesOn = (): boolean =>
    written < (feeding.lines ?? Infinity) && performance.now() - began < (feeding.ms ?? Infinity);

  async function sendOn(): Promise<void> {
    while (goesOn()) {
      await paced(began, written, feeding.linesPerSecond);
      written += BATCH;
      const lines = Array.from({ length: BATCH }, () => writer.next(Date.now()));
      const more = extra.splice(0);
      for (const { sent } of more) sent(performance.now());
      const all = [...lines, ...more.flatMap((one) => one.lines)];
      await feed.send(all);
      taken.push({ at: performance.now(), lines: all.length });
    }
  }

  /** Sends the lines with the next batch; how long until `shown`. Undefined where the feeding was over before. */
  async function latency(lines: WrittenLine[], shown: () => Promise<boolean>): Promise<number | undefined> {
    if (ended.signal.aborted) return undefined;
    const { promise, resolve } = Promise.withResolvers<number>();
    extra.push({ lines, sent: resolve });
    const sent = await Promise.race([promise, aborted(ended.signal)]);
    if (sent === undefined) return undefined;
    while (performance.now() - sent < SHOWN_WITHIN_MS) {
      if (await shown()) return performance.now() - sent;
      await sleep(ASK_EVERY_MS);
    }
    throw new Error(`not shown within ${SHOWN_WITHIN_MS} ms: ${lines[0]?.text}`);
  }

  /** Where nobody says what was taken, the last line says it of all before it. */
  async function overall(): Promise<number> {
    const { mark, ...line } = writer.marker(Date.now());
    await feed.send([line]);
    taken.push({ at: performance.now(), lines: 1 });
    while (!(await hasPattern(server, mark))) await sleep(ASK_EVERY_MS);
    return written / ((performance.now() - began) / 1_000);
  }

  async function watchPatterns(): Promise<number[]> {
    const samples: number[] = [];
    for (;;) {
      const { mark, ...line } = writer.marker(Date.now());
      const ms = await latency([line], () => hasPattern(server, mark));
      if (ms === undefined) return samples;
      samples.push(ms);
      await sleep(MARK_EVERY_MS);
    }
  }

  async function watchFindings(): Promise<number[]> {
    const samples: number[] = [];
    for (const service of quietServices) {
      await sleep(SICK_EVERY_MS);
      const text = `${new Date().toISOString()} ERROR write failed: ENOSPC: no space left on device`;
      const ms = await latency(
        [
          { service, text },
          { service, text: `${text}, again` },
        ],
        () => hasFinding(server, service),
      );
      if (ms !== undefined) samples.push(ms);
    }
    return samples;
  }

  const watching = Promise.all([watchPatterns(), watchFindings()]);
  await Promise.all(Array.from({ length: feeding.senders }, sendOn));
  const rates = feed.answers ? perSecond(taken, began) : [await overall()];
  ended.abort();
  const [toPattern, toFinding] = await watching;
  const lines = taken.reduce((sum, one) => sum + one.lines, 0);
  return { lines, perSecond: rates, toPattern, toFinding };
}

/** Waits until so many lines are due. */
async function paced(began: number, lines: number, perSecond: number | undefined): Promise<void> {
  if (perSecond === undefined) return;
  const wait = began + (lines / perSecond) * 1_000 - performance.now();
  if (wait > 1) await sleep(wait);
}

function perSecond(taken: readonly { at: number; lines: number }[], began: number): number[] {
  const counts: number[] = [];
  for (const { at, lines } of taken) {
    const second = Math.floor((at - began) / 1_000);
    counts[second] = (counts[second] ?? 0) + lines;
  }
  // The last second was not a whole one, and a second without an answer counts.
  return Array.from(counts.slice(0, -1), (one) => one ?? 0);
}

async function hasPattern({ api }: Server, mark: string): Promise<boolean> {
  const { patterns } = await api<{ patterns: unknown[] }>(`/api/patterns?q=${mark}&limit=1`);
  return patterns.length > 0;
}

async function hasFinding({ api }: Server, service: string): Promise<boolean> {
  type Health = { checks: Record<string, { findings?: unknown[] }> };
  const { data } = await api<{ data: Health }>("/api/monitoring/health");
  return (data.checks[service]?.findings?.length ?? 0) > 0;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

/** Waits until so many lines are counted; gives up when the count stands still. */
export async function linesCounted({ api }: Server, wanted: number): Promise<number> {
  let counted = 0;
  for (let still = 0; still < 20; still += 1) {
    const before = counted;
    counted = 0;
    for (let cursor: string | null = ""; cursor !== null; ) {
      type Page = { patterns: { lines: number }[]; next_cursor: string | null };
      const page: Page = await api(
        `/api/patterns?limit=500${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      for (const { lines } of page.patterns) counted += lines;
      cursor = page.next_cursor;
    }
    if (counted >= wanted) return counted;
    if (counted > before) still = 0;
    await sleep(1_000);
  }
  return counted;
}
