// What a heal costs beside the service's own start and the time that watching it takes: opsmedic's own share.
import { type Benchmark, onEachStore, type Row, type StoreChoice } from "../benchmark.ts";
import { actionMs, type Death, deaths, healedOf, nodeMs } from "../deaths.ts";

const BAR_MS = 400;

export const ownShare: Benchmark = {
  name: "own-share",
  title: "opsmedic's own share of a heal",
  run: (context) => onEachStore(context, async (store) => rowsOf(await deaths(store, context.runs), store)),
};

function rowsOf(all: readonly Death[], { name }: StoreChoice): Row[] {
  const row = (what: string, ms: (one: Death) => number): Row => ({
    role: "opsmedic",
    what: `${what}, ${name}`,
    unit: "ms",
    samples: all.map(ms),
  });
  const whole = row("whole run without action and validation", (one) => {
    return runMs(one) - actionMs(one) - nodeMs(one, "validate");
  });
  return [
    { ...whole, bar: BAR_MS, note: healedOf(all) },
    { ...whole, what: `· the first after the server's start, ${name}`, samples: whole.samples.slice(0, 1) },
    ...nodesOf(all).map((node) =>
      node === "apply"
        ? row("· apply without its action", (one) => nodeMs(one, node) - actionMs(one))
        : row(`· ${node}`, (one) => nodeMs(one, node)),
    ),
    row("· between the nodes (checkpoints, trace)", (one) => runMs(one) - sumOfNodes(one)),
  ];
}

function runMs({ story: { run } }: Death): number {
  return Date.parse(run.endedAt ?? "") - Date.parse(run.startedAt);
}

function sumOfNodes({ story }: Death): number {
  return story.steps.reduce((sum, { phase, ms }) => sum + (phase === "end" ? (ms ?? 0) : 0), 0);
}

function nodesOf(all: readonly Death[]): string[] {
  const ended = all.flatMap(({ story }) => story.steps.filter((one) => one.phase === "end"));
  return [...new Set(ended.map(({ node }) => node))].filter((node) => node !== "validate");
}
