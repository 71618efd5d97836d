// Some entries of real archives, of both kinds of long names: what is wanted comes out as the tar program reads it, and
// nothing else does.
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EMPTY_TAR, type TarEntry, tarOnly } from "../../tools/tar-entries.ts";

const long = `${"a folder with a long name/".repeat(8)}${"ä".repeat(80)}`;
const names = ["etc/app.conf", "srv/result", "srv/empty", "srv/big", "srv/größe", long];
const folder = mkdtempSync(join(tmpdir(), "opsmedic-tar-"));
const tree = join(folder, "tree");

beforeAll(() => {
  for (const [n, name] of names.entries()) {
    mkdirSync(join(tree, dirname(name)), { recursive: true });
    writeFileSync(join(tree, name), name === "srv/empty" ? "" : `${name}\n`.repeat(n * 1_000 + 1));
  }
  linkSync(join(tree, "srv/result"), join(tree, "srv/result-too"));
  symlinkSync("result", join(tree, "srv/link"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(["pax", "gnu", "ustar"])("entries of a tar archive written as %s", (format) => {
  const archive = join(folder, `${format}.tar`);
  const known = format === "ustar" ? names.filter((one) => one !== long) : names;
  beforeAll(() => {
    const all = ["etc", "srv", ...(format === "ustar" ? [] : [long.split("/")[0] ?? ""])];
    execFileSync("tar", [`--format=${format}`, "--sort=name", "-cf", archive, "-C", tree, ...all]);
  });

  it("come out as they went in", async () => {
    const seen: TarEntry[] = [];
    const wanted = new Set(["srv", "srv/result", "srv/result-too", "srv/link", "srv/big", long]);
    const out = await filtered(archive, (entry) => {
      seen.push(entry);
      return wanted.has(entry.path);
    });
    expect(seen.map((one) => one.path)).toEqual(expect.arrayContaining(known));
    expect(seen.find((one) => one.path === "srv/result-too")).toMatchObject({
      type: "1",
      link: "srv/result",
    });
    expect(seen.find((one) => one.path === "srv/link")).toMatchObject({ type: "2", link: "result" });
    const isWanted = (line: string) =>
      [...wanted].some(
        (one) => line.endsWith(` ${one}`) || line.endsWith(` ${one}/`) || line.includes(` ${one} `),
      );
    expect(lines(out)).toEqual(lines(archive).filter(isWanted));
    const unpacked = join(folder, `${format}-out`);
    mkdirSync(unpacked);
    execFileSync("tar", ["-xf", out, "-C", unpacked]);
    for (const name of known.filter((one) => wanted.has(one))) {
      expect(readFileSync(join(unpacked, name))).toEqual(readFileSync(join(tree, name)));
    }
  });

  it("are none where none is wanted", async () => {
    expect(readFileSync(await filtered(archive, () => false))).toEqual(EMPTY_TAR);
  });

  it("of one that breaks off are an error, wherever that is", async () => {
    const whole = readFileSync(archive);
    for (const length of [0, 100, 512, 1_000, Math.floor(whole.length / 2)]) {
      const cut = whole.subarray(0, length);
      await expect(toEnd(tarOnly(inPieces(cut, 300), () => true))).rejects.toMatchObject({
        code: "tar-cut-off",
      });
    }
  });
});

/** How wide tar makes a column depends on what it has told before. */
function lines(archive: string): string[] {
  const look = ["-tv", "--full-time", "--quoting-style=literal", "-f", archive];
  const told = execFileSync("tar", look, { encoding: "utf8" }).split("\n").filter(Boolean);
  return told.map((line) => line.replaceAll(/ {2,}/g, " "));
}

async function filtered(archive: string, wanted: (entry: TarEntry) => boolean): Promise<string> {
  const out = join(folder, "out.tar");
  writeFileSync(out, await toEnd(tarOnly(inPieces(readFileSync(archive), 1_337), wanted)));
  return out;
}

async function toEnd(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}
