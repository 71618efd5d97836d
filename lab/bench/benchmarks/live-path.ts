// The way of a log line through a server that has one core to itself: posted or read from a file, counted under its
// pattern, shown by the API, and, where it tells of trouble, found by the detector. What is posted comes as fast as it
// is taken; what is written to files comes at a steady pace over the bar. Every line that went in must be counted.
import type { Benchmark, Row } from "../benchmark.ts";
import { type Feed, feedConfig, postedFeed, writtenFeed } from "../log-feeds.ts";
import { type Feeding, feedLines, linesCounted } from "../log-feeding.ts";
import { type Server, startServer } from "../server.ts";
import { megabytes, percentile } from "../statistics.ts";

const BAR_LINES = 30_000;
const BAR_MS = 2_000;
const BAR_MB = 400;

interface Course extends Feeding {
  name: string;
  feedOf: (server: Server) => Feed;
}

const posted: Course = { name: "posted", feedOf: postedFeed, ms: 25_000, senders: 4 };
const written: Course = {
  name: "in files",
  feedOf: writtenFeed,
  ms: 25_000,
  senders: 1,
  linesPerSecond: 36_000,
};

export const livePath: Benchmark = {
  name: "live-path",
  title: "From a log line to what is made of it, on one core",
  run: async ({ say }) => [...(await measure(posted, say)), ...(await measure(written, say))],
};

export const liveMemory: Benchmark = {
  name: "live-memory",
  title: "Memory over ten million log lines, on one core",
  onlyByName: true,
  run: ({ say }) => measure({ ...posted, ms: Infinity, lines: 10_000_000 }, say),
};

async function measure(course: Course, say: (text: string) => void): Promise<Row[]> {
  const { name } = course;
  say(`lines ${name}`);
  await using server = await startServer({ name: "embedded" }, feedConfig, { onOneCore: true });
  const feed = course.feedOf(server);
  const memory: number[] = [];
  const sampling = setInterval(() => memory.push(megabytes(server.memory())), 250);
  const cpuBefore = server.cpuMs();
  const fed = await feedLines(server, feed, course);
  const cpu = server.cpuMs() - cpuBefore;
  const counted = await linesCounted(server, fed.lines);
  clearInterval(sampling);
  if (counted !== fed.lines) throw new Error(`${counted} of ${fed.lines} lines were counted`);
  const row = (what: string, unit: Row["unit"], samples: readonly number[], bar?: number): Row => ({
    role: "opsmedic",
    what: `${what}, ${name}`,
    unit,
    samples,
    ...(bar !== undefined && { bar }),
  });
  return [
    {
      ...row("lines a second", "lines/s", fed.perSecond, BAR_LINES),
      note: `${fed.lines.toLocaleString("en")}, all counted; ${feed.turnedAway()} posts came again`,
    },
    row("CPU time of 1,000 lines", "ms", [(cpu / fed.lines) * 1_000]),
    row("from a new error to its pattern in the API", "ms", fed.toPattern),
    row("· 99 of 100", "ms", [percentile(fed.toPattern, 0.99)], BAR_MS),
    row("from lines of trouble to the detector's finding", "ms", fed.toFinding, BAR_MS),
    row("memory of the server, every 250 ms", "MB", memory, BAR_MB),
    row("· at most", "MB", [Math.max(...memory)], BAR_MB),
  ];
}
