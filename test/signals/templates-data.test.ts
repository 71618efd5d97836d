// Against lines that others labelled, where they are there: shared/data beside the repository.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeTemplateMiner } from "../../signals/templates/miner.ts";

const folder = new URL("../../../shared/data/loghub2k/", import.meta.url);
const systems = existsSync(folder)
  ? readdirSync(folder).filter((name) => existsSync(new URL(`${name}/labels.jsonl`, folder)))
  : [];

const linesOf = (path: string) => readFileSync(new URL(path, folder), "utf8").split("\n").slice(0, -1);

/** Group accuracy, and how many lines are in groups with lines of other events (merged), or apart from theirs (split). */
function grouped(system: string, track: string) {
  const events = linesOf(`${system}/labels.jsonl`).map(
    (line) => (JSON.parse(line) as { event: string }).event,
  );
  const miner = makeTemplateMiner();
  const early = linesOf(`${system}/${track}.log`).map((line) => miner.add(system, line).id);
  const ids = early.map((id) => miner.template(system, id)?.id ?? "");
  const mixed = keysWithSeveral(ids, events);
  const torn = keysWithSeveral(events, ids);
  const share = (is: (at: number) => boolean) => events.filter((_, at) => is(at)).length / events.length;
  return {
    right: share((at) => !mixed.has(ids[at] as string) && !torn.has(events[at] as string)),
    merged: share((at) => mixed.has(ids[at] as string)),
    split: share((at) => torn.has(events[at] as string)),
  };
}

function keysWithSeveral(keys: readonly string[], values: readonly string[]): Set<string> {
  const first = new Map<string, string>();
  const several = new Set<string>();
  for (const [at, key] of keys.entries()) {
    const value = values[at] as string;
    if ((first.get(key) ?? value) !== value) several.add(key);
    else first.set(key, value);
  }
  return several;
}

describe.skipIf(systems.length === 0)("templates of labelled lines", () => {
  it.each(["content", "raw"])("%s: most groups are right, and few lines are merged wrongly", (track) => {
    const all = systems.map((system) => grouped(system, track));
    const mean = (pick: (one: ReturnType<typeof grouped>) => number) =>
      all.reduce((sum, one) => sum + pick(one), 0) / all.length;
    expect(mean(({ right }) => right)).toBeGreaterThan(0.9);
    expect(mean(({ merged }) => merged)).toBeLessThan(0.02);
    expect(mean(({ split }) => split)).toBeLessThan(0.05);
  });
});
