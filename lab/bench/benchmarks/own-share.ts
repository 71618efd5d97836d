// What a heal costs beside the service's own start and the time that watching it takes: opsmedic's own share.
import { type Benchmark, onEachStore, type Row, type StoreChoice } from "../benchmark.ts";
import type { RunAnswer } from "../product-messages.ts";
import { startProduct } from "../product.ts";
import { makeWebServices, type WebService } from "../services.ts";

const BAR_MS = 400;

export const ownShare: Benchmark = {
  name: "own-share",
  title: "opsmedic's own share of a heal",
  run: (context) => onEachStore(context, (store) => measure(store, context.runs)),
};

async function measure(store: StoreChoice, count: number): Promise<Row[]> {
  let services: WebService[] = [];
  await using product = await startProduct(store, async (folder) => {
    services = await makeWebServices(folder, count);
    return { services: services.map((one) => one.asConfigured) };
  });
  const names = services.map((one) => one.name);
  const pids = await product.ask("start", names);
  const runs: RunAnswer[] = [];
  for (const [index, name] of names.entries()) {
    process.kill(pids[index] ?? 0, "SIGKILL");
    runs.push(await product.ask("run", name));
  }
  const unwell = runs.filter((one) => one.outcome !== "healed");
  const note = `${runs.length - unwell.length} of ${runs.length} healed`;
  return [
    {
      role: "opsmedic",
      what: `whole run without action and validation, ${store.name}`,
      unit: "ms",
      samples: runs.map((one) => one.ms - one.actionMs - nodeMs(one, "validate")),
      bar: BAR_MS,
      note,
    },
    ...nodesOf(runs).map((node): Row => {
      const acting = node === "apply";
      return {
        role: "opsmedic",
        what: `· ${node}${acting ? " without its action" : ""}, ${store.name}`,
        unit: "ms",
        samples: runs.map((one) => nodeMs(one, node) - (acting ? one.actionMs : 0)),
      };
    }),
    {
      role: "opsmedic",
      what: `· between the nodes (checkpoints, trace, lease), ${store.name}`,
      unit: "ms",
      samples: runs.map((one) => one.ms - one.nodes.reduce((sum, node) => sum + node.ms, 0)),
    },
  ];
}

function nodesOf(runs: readonly RunAnswer[]): string[] {
  const names = new Set(runs.flatMap((one) => one.nodes.map(({ node }) => node)));
  names.delete("validate");
  return [...names];
}

function nodeMs({ nodes }: RunAnswer, name: string): number {
  return nodes.filter(({ node }) => node === name).reduce((sum, { ms }) => sum + ms, 0);
}
