// The real program as a process of its own: help, version, configuration, completion, exit codes, colours, signals.
import { execFile, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../api/cli/tree.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(root, "bin/opsmedic.js");
const wrong = join(root, "test/config/wrong");

let cwd = "";
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "opsmedic-bin-"));
});
afterAll(() => rm(cwd, { recursive: true }));

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

function opsmedic(words: string[], env: Record<string, string> = {}, program = bin): Promise<Ended> {
  return new Promise((resolve) => {
    const { PATH = "", NODE_COMPILE_CACHE = "" } = process.env;
    const clean = { PATH, NODE_COMPILE_CACHE, HOME: cwd, ...env };
    const child = execFile(process.execPath, [program, ...words], { cwd, env: clean }, (_, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
}

describe("the program", () => {
  it("helps on stdout, names every command, and loads nothing heavy for it", async () => {
    const { code, out, err } = await opsmedic(["--help"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const { usage } of commands)
      expect(out).toMatch(new RegExp(`^ {2}${usage.split(" ", 1)[0] ?? ""}\\b`, "m"));
    expect(out).toContain("Exit codes: 0 ok · 1 error · 2 usage or configuration");

    const loaded = loadedBy(["--help"]);
    expect(loaded).toContain("commander");
    expect(loaded).not.toMatch(/node_modules\/(zod|yaml|@langchain|express|bullmq|pg|dockerode|ioredis)\//);
  });

  it("does not load LangGraph to look at the services", async () => {
    await writeFile(join(cwd, "light.yaml"), "version: 1\ndataDir: light\nservices: []\n");
    const loaded = loadedBy(["status", "-c", "light.yaml"]);
    expect(loaded).toContain("graph/run-incident.ts");
    expect(loaded).not.toMatch(/node_modules\/@langchain\//);
  });

  it("says its version", async () => {
    const { version } = JSON.parse(
      execFileSync("cat", [join(root, "package.json")], { encoding: "utf8" }),
    ) as { version: string };
    expect(await opsmedic(["version"])).toEqual({ code: 0, out: `${version}\n`, err: "" });
    expect((await opsmedic(["-V"])).out).toBe(`${version}\n`);
    expect(JSON.parse((await opsmedic(["version", "--json"])).out)).toEqual({
      version,
      node: process.version,
    });
  });

  it.each([
    [["nonsense"], 2],
    [["runs", "show"], 2],
    [["status", "--nonsense"], 2],
    [["status"], 2],
    [["config", "validate", "-c", "missing.yaml"], 2],
    [["status", "--server", "http://127.0.0.1:1"], 4],
    [["doctor", "--exit-zero"], 0],
    [["doctor"], 3],
  ])("%j exits with %d", async (words, code) => {
    expect(await opsmedic(words)).toMatchObject({ code });
  });
});

describe("what a person at a terminal meets", () => {
  it("is told where the list of commands is, after a word that is none", async () => {
    const { err } = await opsmedic(["runs", "lss"]);
    expect(err).toMatch(/^error: unknown command 'lss'\n[\s\S]*→ opsmedic --help lists every command/);
  });

  it("may cut a long answer short: no error, no trace", () => {
    const line = `'${process.execPath}' '${bin}' config schema | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const out = execFileSync("bash", ["-c", `${line} 2>&1`], { cwd, encoding: "utf8" });
    expect(out).toBe("{\n0\n");
  });

  it("has a data folder that nobody else may read", async () => {
    const file = join(cwd, "private.yaml");
    await writeFile(file, "services: [{ name: bare }]\ndataDir: private\n");
    expect(await opsmedic(["mode", "-c", file])).toMatchObject({ code: 0 });
    expect((await stat(join(cwd, "private"))).mode & 0o777).toBe(0o700);
    expect((await opsmedic(["doctor", "-c", file])).out).not.toContain("open to everybody");
  });
});

describe("config", () => {
  it("validate warns of what can never be seen", async () => {
    const file = join(cwd, "bare.yaml");
    await writeFile(file, "services: [{ name: bare }]\n");
    expect(await opsmedic(["config", "validate", "-c", file])).toMatchObject({
      code: 0,
      out: expect.stringContaining("▲ bare: has neither a runtime nor health checks"),
    });
  });

  it("validate exits with 2 and every complaint, with line and column, on stderr", async () => {
    await cp(join(wrong, "unknown-keys.yaml"), join(cwd, "opsmedic.yaml"));
    const { code, out, err } = await opsmedic(["config", "validate"]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain('opsmedic.yaml:10:3 healing Unrecognized key: "evry"; did you mean "every"?\n');
    const document = JSON.parse((await opsmedic(["config", "validate", "--json"])).out) as { error: object };
    expect(document.error).toMatchObject({ code: "config-invalid", complaints: expect.arrayContaining([]) });
  });

  it.each([
    "gate-below-the-floor.yaml",
    "unset-variable.yaml",
    "not-yaml.yaml",
    "circular-dependencies.yaml",
  ])("validate refuses %s", async (file) => {
    expect(await readdir(wrong)).toContain(file);
    expect(await opsmedic(["config", "validate", "-c", join(wrong, file)])).toMatchObject({
      code: 2,
      out: "",
    });
  });

  it("show masks secrets, in YAML that is valid again", async () => {
    const file = join(cwd, "secret.yaml");
    await writeFile(file, 'services: [{ name: db, postgres: { url: "${DB}" } }]\n');
    const { out, code } = await opsmedic(["config", "show", "-c", file], { DB: "postgres://u:hunter2@h/x" });
    expect(code).toBe(0);
    expect(out).toContain("postgres://u:«secret»@h/x");
    expect(out).not.toContain("hunter2");
    await writeFile(join(cwd, "shown.yaml"), out);
    expect(await opsmedic(["config", "validate", "-c", "shown.yaml"])).toMatchObject({ code: 0 });
  });

  it("schema is the committed one", async () => {
    const { out } = await opsmedic(["config", "schema"]);
    expect(JSON.parse(out)).toEqual(
      JSON.parse(execFileSync("cat", [join(root, "opsmedic.schema.json")], { encoding: "utf8" })),
    );
  });
});

const onTerminal = (noColor: string): string =>
  execFileSync("script", ["-qec", `'${process.execPath}' '${bin}' doctor --exit-zero`, "/dev/null"], {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", TERM: "xterm", NO_COLOR: noColor },
  });

describe("colour", () => {
  it("is absent in a pipe, there with FORCE_COLOR, and gone again with --no-color", async () => {
    expect((await opsmedic(["doctor"])).out).not.toContain("\u001b[");
    expect((await opsmedic(["doctor"], { FORCE_COLOR: "1" })).out).toContain("\u001b[");
    expect((await opsmedic(["doctor", "--no-color"], { FORCE_COLOR: "1" })).out).not.toContain("\u001b[");
  });

  it.runIf(process.platform === "linux")("is there on a terminal, unless NO_COLOR is set", () => {
    expect(onTerminal("")).toContain("\u001b[");
    expect(onTerminal("1")).not.toContain("\u001b[");
  });
});

describe("completion", () => {
  it("bash completes commands, subcommands, choices and options", async () => {
    const script = join(cwd, "completion.bash");
    await writeFile(script, (await opsmedic(["completion", "bash"])).out);
    const complete = (...words: string[]): string[] => {
      const list = ["opsmedic", ...words].map((word) => `'${word}'`).join(" ");
      const program = `source '${script}'; COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _opsmedic; echo "\${COMPREPLY[*]}"`;
      return execFileSync("bash", ["-c", program], { encoding: "utf8" }).trim().split(" ");
    };
    expect(complete("st")).toEqual(["status", "start", "stop"]);
    expect(complete("sta")).toEqual(["status", "start"]);
    expect(complete("runs", "")).toEqual(expect.arrayContaining(["ls", "show", "watch", "export", "cancel"]));
    expect(complete("patterns", "rules", "")).toEqual(expect.arrayContaining(["ls", "add", "rm"]));
    expect(complete("-c", "runs", "runs", "sh")).toEqual(["show"]);
    expect(complete("mode", "a")).toEqual(["approve", "auto"]);
    expect(complete("heal", "--dr")).toEqual(["--dry-run"]);
    expect(complete("status", "--js")).toEqual(["--json"]);
  });

  it("zsh, fish and PowerShell get a script that names every command", async () => {
    for (const shell of ["zsh", "fish", "powershell"]) {
      const { out, code } = await opsmedic(["completion", shell]);
      expect(code).toBe(0);
      for (const { usage } of commands) expect(out).toContain(usage.split(" ", 1)[0]);
    }
  });
});

describe("the starter", () => {
  it("runs dist/ where it is installed as a package, and the sources in a checkout", async () => {
    const installed = join(cwd, "node_modules/opsmedic");
    await mkdir(join(installed, "api"), { recursive: true });
    await mkdir(join(installed, "dist/api"), { recursive: true });
    await copyStarter(installed);
    await writeFile(join(installed, "package.json"), '{ "type": "module" }');
    await writeFile(join(installed, "api/main.ts"), 'console.log("sources");');
    await writeFile(join(installed, "dist/api/main.js"), 'console.log("dist");');
    expect(await opsmedic([], {}, join(installed, "bin/opsmedic.js"))).toMatchObject({ out: "dist\n" });

    const checkout = join(cwd, "checkout");
    await cp(installed, checkout, { recursive: true });
    expect(await opsmedic([], {}, join(checkout, "bin/opsmedic.js"))).toMatchObject({ out: "sources\n" });
  });

  it("says what is missing", async () => {
    const bare = join(cwd, "bare");
    await copyStarter(bare);
    await writeFile(join(bare, "package.json"), '{ "type": "module" }');
    expect(await opsmedic([], {}, join(bare, "bin/opsmedic.js"))).toMatchObject({
      code: 2,
      err: expect.stringContaining("npm run build"),
    });
  });

  it("passes signals on to the newer Node, and its end back", async () => {
    const checkout = join(cwd, "older");
    await mkdir(join(checkout, "api"), { recursive: true });
    await mkdir(join(checkout, `node_modules/node-linux-${process.arch}/bin`), { recursive: true });
    await copyStarter(checkout);
    await writeFile(join(checkout, "package.json"), '{ "type": "module" }');
    await writeFile(
      join(checkout, "api/main.ts"),
      'process.on("SIGTERM", () => process.exit(17)); console.log("up"); setInterval(() => {}, 1000);',
    );
    const newer = join(checkout, `node_modules/node-linux-${process.arch}/bin/node`);
    await writeFile(newer, `#!/bin/sh\nexec '${process.execPath}' "$@"\n`, { mode: 0o755 });
    const old = join(checkout, "old.mjs");
    await writeFile(old, `Object.defineProperty(process.versions, "node", { value: "20.0.0" });`);

    const child = spawn(process.execPath, ["--import", old, join(checkout, "bin/opsmedic.js")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
    await new Promise((resolve) => child.stdout.once("data", resolve));
    child.kill("SIGTERM");
    expect(await ended).toBe(17);
  });
});

/** What starts opsmedic, in another folder. */
function copyStarter(folder: string): Promise<void> {
  return cp(join(root, "bin"), join(folder, "bin"), { recursive: true });
}

/** A program that runs the command line and prints which files were loaded. */
/** The addresses of all modules that a command loads, a line each. */
function loadedBy(words: string[]): string {
  const program = `
    import { registerHooks } from "node:module";
    import { writeFileSync } from "node:fs";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    process.on("exit", () => writeFileSync("loaded", loaded.join("\\n")));
    process.argv = [process.argv[0], "opsmedic", ...${JSON.stringify(words)}];
    await import(${JSON.stringify(bin)});
  `;
  execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd, stdio: "pipe" });
  return readFileSync(join(cwd, "loaded"), "utf8");
}
