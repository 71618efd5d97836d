// The tables of LangGraph's checkpoints: made by whoever comes first, also where several come at once.
import { expect, it } from "vitest";
import { openCheckpointer } from "../../graph/checkpointer.ts";
import { describeOnEachDriver } from "./each-driver.ts";

const allMine = async (): Promise<void> => undefined;
const config = { configurable: { thread_id: "run-1" } };

describeOnEachDriver("Checkpoints", (open) => {
  it("have their tables once, however many open an empty database at once", async () => {
    await using site = await open();
    for (let round = 0; round < 5; round += 1) {
      await site.db.query("drop schema if exists graph cascade");
      const savers = await Promise.all(Array.from({ length: 5 }, () => openCheckpointer(site.pool, allMine)));
      for (const one of savers) expect(await one.getTuple(config)).toBeUndefined();
      const steps = await site.db.query<{ v: number }>(
        "select v from graph.checkpoint_migrations order by v",
      );
      expect(steps.map(({ v }) => v)).toEqual(steps.map((_, index) => index));
    }
  });
});
