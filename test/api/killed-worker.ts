// A process that takes a job and never ends it, until it is killed: `node killed-worker.ts '<where as JSON>'`.
import { openQueue, type QueueWhere } from "./open-queue.ts";

const where = JSON.parse(process.argv[2] ?? "") as QueueWhere;
const { queue } = await openQueue(where);
await queue.process(
  "heal",
  async (data) => {
    process.stdout.write(`took ${JSON.stringify(data)}\n`);
    await new Promise(() => setInterval(() => undefined, 1_000));
  },
  { concurrency: 1 },
);
await queue.enqueue("heal", { service: "shop" }, { dedupe: "shop" });
