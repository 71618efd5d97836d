import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { errors } from "../../lab/public-data/errors.ts";

async function clustersOf(log: string | Buffer): Promise<(string | null)[]> {
  const folder = await mkdtemp(join(tmpdir(), "opsmedic-errors-"));
  try {
    const [input, output] = [join(folder, "input.log"), join(folder, "out.jsonl")];
    await writeFile(input, log);
    await errors({ input, output });
    const rows = (await readFile(output, "utf8")).split("\n").slice(0, -1);
    return rows.map((row) => (JSON.parse(row) as { cluster: string | null }).cluster);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("opsmedic bench errors", () => {
  it("writes a cluster or null for every line, in order, as all lines together tell", async () => {
    const log = "disk 1 lost\ncertificate expires\ndisk 2 lost\n\ndisk 2 lost";
    expect(await clustersOf(log)).toEqual(["c1", null, "c1", null, "c1"]);
  });

  it("takes an empty file, Windows' line ends and broken UTF-8", async () => {
    expect(await clustersOf("")).toEqual([]);
    expect(await clustersOf("no answer\r\nno answer\r\n")).toEqual(["c1", "c1"]);
    expect(await clustersOf(Buffer.from([0xff, 0xfe, 0x0a, 0x61, 0xc3, 0x0a]))).toEqual([null, null]);
  });
});
