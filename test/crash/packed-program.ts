// A program of the tests and everything it loads, packed into one file: a process that lives for a second would spend most of it on
// finding and reading a thousand modules. What they do is the same.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { afterAll } from "vitest";

/** The packed program, in a folder of its own that is gone after the file's tests. */
export async function packProgram(source: URL): Promise<{ program: string; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-packed-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const bundle = await rolldown({
    input: fileURLToPath(source),
    platform: "node",
    // What jsonc-parser requires is hidden from a packer in its other form.
    resolve: { mainFields: ["module", "main"] },
    plugins: [whereItWas],
    logLevel: "silent",
  });
  await bundle.write({ dir: folder, entryFileNames: "worker.mjs" });
  await bundle.close();
  return { program: join(folder, "worker.mjs"), folder };
}

/** Modules find their own files (migrations, WebAssembly, packages that are loaded late) where these lie unpacked. */
const whereItWas = {
  name: "where-it-was",
  transform(code: string, path: string) {
    // The parser of SQL asks in the way of older modules.
    const older = path.includes("/libpg-query/");
    if (!older && !code.includes("import.meta.url")) return null;
    const placed = older ? code.replaceAll("__dirname", JSON.stringify(dirname(path))) : code;
    return placed.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href));
  },
};
