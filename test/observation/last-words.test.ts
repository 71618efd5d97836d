// Log lines that no follower has brought: real files, and a runtime whose log the test holds.
import { appendFileSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeHealthMonitor } from "../../agents/health-monitor.ts";
import { makeLastWords } from "../../agents/last-words.ts";
import { type LogSignal, only, type Signal } from "../../domain/signal.ts";
import { HealError } from "../../domain/errors.ts";
import { makeProber } from "../../tools/prober.ts";
import type { LogLine, Target } from "../../tools/target.ts";
import { serviceNamed } from "./service.ts";

const NOW = Date.UTC(2026, 11, 1, 4, 5, 6);

function wordsOf({ lines = [] as LogLine[], followed = false, fails = undefined as Error | undefined } = {}) {
  const logs: Target["logs"] = async ({ since }) => {
    if (fails) throw fails;
    return lines.filter((one) => one.at >= since);
  };
  const target = { service: "shop", kind: "process", logs } as Partial<Target> as Target;
  return makeLastWords({
    targets: { of: () => target },
    clock: { now: () => NOW, sleep: () => Promise.resolve() },
    followed,
  });
}

const shop = serviceNamed("shop", { logs: [{ kind: "runtime" }] });
const line = (text: string, before = 100): LogLine => ({ at: NOW - before, stream: "stderr", text });
const brought = (text: string): LogSignal => ({
  kind: "log",
  service: "shop",
  at: NOW - 90,
  level: "error",
  text,
  source: "stderr",
});
const died: Signal = { kind: "event", service: "shop", at: NOW - 200, event: "die", exitCode: 1 };

const iso = (before: number): string => new Date(NOW - before).toISOString();
const withFile = (glob: string) => serviceNamed("shop", { logs: [{ kind: "file", glob }] });

describe("what a service said before it ended", () => {
  const last = [line("ERROR first", 400), line("ERROR: ENOSPC", 300), line("    at write (fs.js:1:2)", 299)];

  it("is read at once, whole, though its followers still wait for more", async () => {
    const { lines } = await wordsOf({ lines: last, followed: true }).read(shop, [died]);
    expect(lines).toMatchObject([
      { kind: "log", service: "shop", at: NOW - 400, level: "error", text: "ERROR first", source: "stderr" },
      { at: NOW - 300, text: "ERROR: ENOSPC\n    at write (fs.js:1:2)" },
    ]);
  });

  it("is not told twice: what was brought is left out, as often as it was brought", async () => {
    const words = wordsOf({ lines: [...last, line("ERROR first", 200)], followed: true });
    const { lines } = await words.read(shop, [died, brought("ERROR first"), brought("ERROR: ENOSPC")]);
    expect(lines).toMatchObject([{ at: NOW - 200, text: "ERROR first" }]);
  });

  it("counts beside the same words of earlier", async () => {
    const words = wordsOf({ lines: [line("ERROR first", 9_000), line("ERROR first", 210)], followed: true });
    const { lines } = await words.read(shop, [{ ...brought("ERROR first"), at: NOW - 8_900 }, died]);
    expect(lines).toMatchObject([{ at: NOW - 210 }]);
  });

  it("is left to the followers where nothing has just ended", async () => {
    const words = wordsOf({ lines: last, followed: true });
    expect(await words.read(shop, [])).toEqual({ lines: [], down: [] });
    expect(await words.read(shop, [{ ...died, at: NOW - 60_000 }])).toEqual({ lines: [], down: [] });
  });
});

function logFile(text: string, ageMs = 0): { path: string; glob: string } {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-words-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "app.log");
  writeFileSync(path, text);
  utimesSync(path, (NOW - ageMs) / 1_000, (NOW - ageMs) / 1_000);
  return { path, glob: join(folder, "*.log") };
}

describe("where nobody follows", () => {
  it("the runtime's last minute is read", async () => {
    const lines = [line("ERROR long ago", 90_000), line("ERROR now")];
    expect((await wordsOf({ lines }).read(shop, [])).lines).toMatchObject([{ text: "ERROR now" }]);
  });

  it("files are read by the times that their lines give: the last minute, and no line twice", async () => {
    const { path, glob } = logFile(
      `${iso(86_400_000)} ERROR yesterday\n${iso(5_000)} ERROR first\n    at buy (shop.js:1:2)\n${iso(1_000)} WARN half`,
    );
    const words = wordsOf();
    const first = await words.read(withFile(glob), []);
    expect(first.lines).toMatchObject([
      {
        at: NOW - 5_000,
        level: "error",
        text: expect.stringMatching(/ERROR first\n {4}at buy/),
        source: path,
      },
    ]);
    expect((await words.read(withFile(glob), [])).lines).toEqual([]);

    appendFileSync(path, " a line\nERROR first\n");
    utimesSync(path, NOW / 1_000, NOW / 1_000);
    expect((await words.read(withFile(glob), [])).lines).toMatchObject([
      { at: NOW - 1_000, level: "warn", text: expect.stringContaining("half a line") as string },
      { text: "ERROR first" },
    ]);
  });

  it("lines without a time count from the second look on: how old the first ones are nobody knows", async () => {
    const { path, glob } = logFile("ERROR of some day\n");
    const words = wordsOf();
    expect((await words.read(withFile(glob), [])).lines).toEqual([]);
    appendFileSync(path, "ERROR of now\n");
    expect((await words.read(withFile(glob), [])).lines).toMatchObject([{ at: NOW, text: "ERROR of now" }]);
  });

  it("a file that has begun anew is read from its beginning", async () => {
    const { path, glob } = logFile(`${iso(5_000)} ERROR before, with many words after it\n`);
    const words = wordsOf();
    await words.read(withFile(glob), []);
    writeFileSync(path, `${iso(10)} ERROR after\n`);
    expect((await words.read(withFile(glob), [])).lines).toMatchObject([{ at: NOW - 10 }]);
  });

  it("a log that cannot be read is told with what would help, and takes no other along", async () => {
    const { glob } = logFile(`${iso(10)} ERROR here\n`);
    const missing = join(tmpdir(), "opsmedic-no-such-folder", "app.log");
    const service = serviceNamed("shop", {
      logs: [{ kind: "file", glob: missing }, { kind: "runtime" }, { kind: "file", glob }],
    });
    const fails = new HealError("The log cannot be read.", {
      code: "logs-not-readable",
      hint: "Use json-file.",
    });
    const { lines, down } = await wordsOf({ fails }).read(service, []);
    expect(lines).toMatchObject([{ at: NOW - 10 }]);
    expect(down).toMatchObject([
      { source: `log ${missing}`, ok: false, hint: expect.stringContaining("Check the path") as string },
      { source: "log process", ok: false, text: "The log cannot be read.", hint: "Use json-file." },
    ]);
  });

  it("a device under a log's name is refused, not read for ever", async () => {
    const { glob, path } = logFile("");
    rmSync(path);
    symlinkSync("/dev/zero", path);
    expect((await wordsOf().read(withFile(glob), [])).down).toMatchObject([
      { source: `log ${path}`, ok: false },
    ]);
  });
});

describe("a health monitor whose followers are late", () => {
  it("holds the last words once, before and after they are brought", async () => {
    const words = wordsOf({ lines: [line("ERROR: ENOSPC"), line("ERROR first", 50)], followed: true });
    const clock = { now: () => NOW, sleep: () => Promise.resolve() };
    const monitor = makeHealthMonitor({
      targets: { of: () => undefined },
      prober: makeProber({ clock }),
      host: { use: () => Promise.resolve({ cpu: 0, memory: 0, disks: [] }) },
      clock,
      lastWords: words,
    });
    monitor.note(died);
    const texts = (): string[] => only(monitor.window("shop"), "log").map((one) => one.text);

    expect(only(await monitor.observe(shop), "log")).toHaveLength(2);
    monitor.note(brought("ERROR: ENOSPC"));
    expect(texts().toSorted()).toEqual(["ERROR first", "ERROR: ENOSPC"]);
    monitor.note(brought("ERROR first"));
    expect(texts()).toHaveLength(2);
    await monitor.observe(shop);
    expect(texts()).toHaveLength(2);
  });
});
