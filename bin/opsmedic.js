#!/usr/bin/env node
// Starts the command line. The sources are TypeScript that Node >= 22.18 runs as it stands; where the
// caller's Node is older, the one that came with `npm ci` takes over.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const entry = ["dist/api/main.js", "api/main.ts"].map((file) => root + file).find((file) => existsSync(file));
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  await import(entry);
} else {
  const bundled = [`node-linux-${process.arch}`, `node-bin-darwin-${process.arch}`]
    .map((name) => `${root}node_modules/${name}/bin/node`)
    .find((file) => existsSync(file));
  if (!bundled) {
    console.error(
      `opsmedic needs Node 22.18 or newer; this is ${process.version}. Run "npm ci" in ${root} or install a newer Node.`,
    );
    process.exit(2);
  }
  const { status, signal } = spawnSync(bundled, [entry, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exit(signal ? 130 : (status ?? 1));
}
