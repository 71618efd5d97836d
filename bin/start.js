// Starts an entry of opsmedic (Node >= 22.18). Where the caller's Node is too old, the one that came with `npm ci`
// takes over.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import module from "node:module";
import { constants, homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
export const inPackage = root.split(/[\\/]/).includes("node_modules");
/**
 * V8 gives young objects up to 128 MB and never takes it back, and lets the heap grow to several times what is alive
 * before it looks for what is not. A server that mostly waits needs neither: 8 MB for the young (two halves of 4)
 * and a tenth of growth keep it at two thirds of the memory (docs/benchmarks.md). Beside an embedded database it may
 * grow further (api/serve.ts).
 */
const SMALL_HEAP = ["--max-semi-space-size=4", "--heap-growing-percent=10"];
/**
 * glibc raises the first two with the first large block that is freed, up to 32 and 64 MB, and from then on keeps what was
 * freed: 70 MB after the embedded store was compiled. Set by hand they stay at their defaults (mallopt(3)). One arena
 * instead of one for each thread leaves fewer holes; hardly more than one thread asks for memory at once.
 */
const GIVES_BACK = {
  MALLOC_TRIM_THRESHOLD_: "131072",
  MALLOC_MMAP_THRESHOLD_: "131072",
  MALLOC_ARENA_MAX: "1",
};
const serves = process.argv.includes("serve");
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

/** Runs the first of these files, relative to the package, that is there. */
export async function start(wanted) {
  const entry = wanted.map((file) => `${root}/${file}`).find((file) => existsSync(file));
  if (entry === undefined) {
    fail(
      `opsmedic is not complete: there is no ${wanted.join(" and no ")} in ${root}. Run "npm run build" there.`,
    );
  } else if (major > 22 || (major === 22 && minor >= 18)) {
    if (serves) startOverWithSmallHeap();
    rememberCompiled();
    await import(entry);
  } else {
    startWithBundledNode(entry);
  }
}

/**
 * What was compiled once is read the next time: half of the time of a command. It lies in the user's own folder, never
 * in one that others may write, since it is run as it is. Where it cannot be written, or NODE_COMPILE_CACHE names
 * another place, that is how it is.
 */
function rememberCompiled() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  // Below a folder that does not exist (the home of a system user) nothing is made.
  if (existsSync(dirname(cache))) module.enableCompileCache?.(join(cache, "opsmedic", "compiled"));
}

/**
 * The options can only be given at a start, so the process starts itself over, with the same pid. Where that is not
 * possible (Windows, Node before 22.15), it goes on as it is.
 */
function startOverWithSmallHeap() {
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ""].some((one) =>
    one.includes("semi-space"),
  );
  if (given) {
    // Only for this process: what it starts is somebody else's.
    for (const [name, value] of Object.entries(GIVES_BACK))
      if (process.env[name] === value) delete process.env[name];
    return;
  }
  // A process that was forked talks to its parent through a file that would not survive.
  if (process.execve === undefined || process.platform === "win32" || process.send) return;
  const [program, ...rest] = process.argv;
  process.execve(program, [program, ...process.execArgv, ...SMALL_HEAP, ...rest], {
    ...GIVES_BACK,
    ...process.env,
  });
}

function startWithBundledNode(entry) {
  const bundled = [`node-linux-${process.arch}`, `node-bin-darwin-${process.arch}`]
    .map((name) => `${root}/node_modules/${name}/bin/node`)
    .find((file) => existsSync(file));
  if (bundled === undefined) {
    fail(
      `opsmedic needs Node 22.18 or newer; this is ${process.version}. Run "npm ci" in ${root} or install a newer Node.`,
    );
    return;
  }
  const child = spawn(bundled, [...(serves ? SMALL_HEAP : []), entry, ...process.argv.slice(2)], {
    stdio: "inherit",
    ...(serves && { env: { ...GIVES_BACK, ...process.env } }),
  });
  // A terminal sends Ctrl-C to both processes; a second one from here would mean "do not wait".
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) {
    process.on(name, () => {
      if (name === "SIGTERM" || !process.stdin.isTTY) child.kill(name);
    });
  }
  child.on("error", (error) => fail(`${bundled} cannot be started: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}

function fail(message) {
  console.error(message);
  process.exitCode = 2;
}
