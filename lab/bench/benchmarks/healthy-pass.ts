// One pass over a service that is well: what each scheduled check of each service costs.
import { type Benchmark, onEachStore, type Row, type StoreChoice } from "../benchmark.ts";
import { startProduct } from "../product.ts";
import { makeWebServices, type WebService } from "../services.ts";

export const healthyPass: Benchmark = {
  name: "healthy-pass",
  title: "One run on a healthy service",
  run: (context) => onEachStore(context, (store) => measure(store, context.runs)),
};

async function measure(store: StoreChoice, count: number): Promise<Row[]> {
  let services: WebService[] = [];
  await using product = await startProduct(store, async (folder) => {
    services = await makeWebServices(folder, 1);
    return { services: services.map((one) => one.asConfigured) };
  });
  const [name = ""] = services.map((one) => one.name);
  await product.ask("start", [name]);
  const samples: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const { ms, outcome, report } = await product.ask("run", name);
    if (outcome !== "healthy") throw new Error(`${name} was ${outcome}: ${report}`);
    samples.push(ms);
  }
  return [{ role: "opsmedic", what: `nothing found, ${store.name}`, unit: "ms", samples }];
}
