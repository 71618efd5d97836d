// The bench verb over folders in both layouts, written here.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { rca } from "../../lab/public-data/rca.ts";

const made: string[] = [];
afterEach(async () => {
  await Promise.all(made.splice(0).map((one) => rm(one, { recursive: true })));
});

async function verdict(files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), "opsmedic-rca-"));
  made.push(folder);
  await Promise.all([mkdir(join(folder, "case")), mkdir(join(folder, "normal"))]);
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  const output = join(folder, "out.json");
  await rca({ incident: join(folder, "case"), normal: join(folder, "normal"), output });
  return JSON.parse(await readFile(output, "utf8")) as {
    ranked: { node: string; confidence: number }[];
    kind: string;
  };
}

const minutes = (count: number, from: number) =>
  Array.from({ length: count }, (_, index) => from + index * 60);

const row = (time: number, web: number, shop: number) => `${time},${web},100,${shop},100`;

const rows = (times: number[], level: (node: string) => number) =>
  times.flatMap((time) => ["a", "b"].map((node) => `${time},${node},${level(node) + (time % 7) / 10}`));

describe("opsmedic bench rca", () => {
  it("reads a column for each metric, with calls and a symptom", async () => {
    const head =
      'time,web|latency|Average,web|requests|Sum,"shop, eu|latency|Average","shop, eu|requests|Sum"';
    const { ranked } = await verdict({
      "normal/metrics.csv": [
        head,
        ...minutes(50, 0).map((time) => row(time, 0.2 + (time % 7) / 500, 0.1)),
      ].join("\n"),
      "normal/topology.json": JSON.stringify({ calls: [["web", "shop, eu"]] }),
      "case/metrics.csv": [head, row(9_000, 0.2, 0.1), row(9_060, 0.9, 0.8), `9120,,,,`].join("\r\n"),
      "case/case.json": JSON.stringify({
        symptom: { node: "web", metric: "latency", statistic: "Average", time: 9_070 },
      }),
    });
    expect(ranked[0]?.node).toBe("shop, eu");
  });

  it("reads a row for each node", async () => {
    const head = "time,node,CpuUsage(m)";
    const { ranked, kind } = await verdict({
      "normal/metrics.csv": [head, ...rows(minutes(50, 0), () => 5)].join("\n"),
      "case/metrics.csv": [head, ...rows(minutes(4, 9_000), (node) => (node === "b" ? 800 : 5))].join("\n"),
      "case/case.json": JSON.stringify({ time: 9_000 }),
    });
    expect([ranked[0]?.node, kind]).toEqual(["b", "cpu"]);
  });

  it("says that it knows nothing when nothing is there", async () => {
    expect(await verdict({})).toEqual({ ranked: [], kind: "unknown" });
  });
});
