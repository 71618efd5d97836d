// The log follower over a runtime that breaks and files on disk.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LogFollowerDeps, type LogSourceStatus, makeLogFollower } from "../../agents/log-follower.ts";
import { sinceLast } from "../../agents/log-resume.ts";
import { HealError } from "../../domain/errors.ts";
import type { Service } from "../../domain/service.ts";
import type { LogSignal } from "../../domain/signal.ts";
import type { LogLine, Target } from "../../tools/target.ts";
import { serviceNamed, wallClock } from "./service.ts";

const patience = { timeout: 20_000, interval: 20 };
let folder: string;
const stops: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "opsmedic-follow-"));
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  rmSync(folder, { recursive: true, force: true });
});

type Follow = Target["followLogs"];

/** A runtime of which only its logs are of interest. */
function runtime(followLogs: Follow): LogFollowerDeps["targets"] {
  return { of: () => ({ kind: "docker", followLogs }) as Partial<Target> as Target };
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

function start(service: Service, parts: Partial<LogFollowerDeps>) {
  const signals: LogSignal[] = [];
  const news: LogSourceStatus[] = [];
  const follower = makeLogFollower({
    targets: { of: () => undefined },
    clock: wallClock,
    onSignal: (signal) => signals.push(signal),
    onSource: (status) => news.push(status),
    joinMs: 100,
    retry: { firstMs: 20, mostMs: 100 },
    ...parts,
  });
  const stopping = new AbortController();
  const following = follower.follow(service, stopping.signal);
  const stop = async () => {
    stopping.abort();
    await following;
  };
  stops.push(stop);
  return { follower, signals, news, stop, texts: () => signals.map((one) => one.text) };
}

const line = (text: string, at = Date.now(), stream: LogLine["stream"] = "stdout"): LogLine => ({
  at,
  stream,
  text,
});

describe("log follower", () => {
  it("joins a stack trace and tells its level, each stream by itself", async () => {
    const { signals } = start(serviceNamed("shop", { logs: [{ kind: "runtime" }] }), {
      targets: runtime(async (onLine, _, signal) => {
        onLine(line("TypeError: x is not a function", 5, "stderr"));
        onLine(line("GET /", 6, "stdout"));
        onLine(line("    at f (/app/x.js:1:1)", 6, "stderr"));
        onLine(line("[warn] low on space", 7, "stderr"));
        await untilAborted(signal);
      }),
    });
    await expect.poll(() => signals, patience).toHaveLength(3);
    const trace = "TypeError: x is not a function\n    at f (/app/x.js:1:1)";
    const common = { kind: "log", service: "shop" };
    expect(signals).toContainEqual({ ...common, at: 5, level: "error", text: trace, source: "stderr" });
    expect(signals).toContainEqual({ ...common, at: 6, level: "unknown", text: "GET /", source: "stdout" });
    expect(signals).toContainEqual({
      ...common,
      at: 7,
      level: "warn",
      text: "[warn] low on space",
      source: "stderr",
    });
  });

  it("says that a source is down, tries again, and goes on without saying a line twice", async () => {
    const asked: number[] = [];
    const started = Date.now() + 10_000;
    const { texts, news, follower } = start(serviceNamed("shop", { logs: [{ kind: "runtime" }] }), {
      targets: runtime(async (onLine, { since }, signal) => {
        asked.push(since);
        if (asked.length === 2) throw new HealError("Docker does not answer", { code: "docker-unreachable" });
        const all = [
          line("a", started),
          line("b", started + 5),
          line("b", started + 5),
          line("c", started + 5),
        ];
        for (const one of asked.length === 1 ? all.slice(0, 3) : all) if (one.at >= since) onLine(one);
        if (asked.length === 1) throw new HealError("the stream broke", { code: "docker-unreachable" });
        await untilAborted(signal);
      }),
    });
    await expect.poll(texts, patience).toEqual(["a", "b", "b", "c"]);
    expect(asked.slice(1)).toEqual([started + 5, started + 5]);
    expect(news.map((one) => [one.source, one.ok, one.text])).toEqual([
      ["docker", false, "the stream broke"],
      ["docker", false, "Docker does not answer"],
      ["docker", true, "following"],
    ]);
    expect(follower.sources()).toMatchObject([{ service: "shop", source: "docker", ok: true }]);
  });

  it("follows files beside a runtime that is down, and says which file it cannot read", async () => {
    const glob = path.join(folder, "*.log");
    const logs = [{ kind: "runtime" }, { kind: "file", glob }] as const;
    const { texts, news, signals } = start(serviceNamed("shop", { logs }), {
      targets: runtime(() => Promise.reject(new Error("no engine"))),
    });
    await expect.poll(() => news.map((one) => one.source).sort(), patience).toEqual([glob, "docker"].sort());
    writeFileSync(path.join(folder, "app.log"), "ERROR from the file\n");
    await expect.poll(texts, patience).toEqual(["ERROR from the file"]);
    expect(signals[0]).toMatchObject({ level: "error", source: path.join(folder, "app.log") });
  });

  it("goes on in files where an earlier run stopped", async () => {
    const file = path.join(folder, "app.log");
    const shop = serviceNamed("shop", { logs: [{ kind: "file", glob: file }] });
    const first = start(shop, {});
    await expect.poll(() => first.news, patience).toHaveLength(1); // no such file yet
    writeFileSync(file, "one\n");
    await expect.poll(first.texts, patience).toEqual(["one"]);
    await first.stop();
    appendFileSync(file, "two\n");
    const second = start(shop, { positions: structuredClone(first.follower.positions()) });
    await expect.poll(second.texts, patience).toEqual(["two"]);
  });

  it("gives out what is still open when it is stopped", async () => {
    let given = false;
    const { texts, stop } = start(serviceNamed("shop", { logs: [{ kind: "runtime" }] }), {
      joinMs: 60_000,
      targets: runtime(async (onLine, _, signal) => {
        onLine(line("panic: last words"));
        given = true;
        await untilAborted(signal);
      }),
    });
    await expect.poll(() => given, patience).toBe(true);
    expect(texts()).toEqual([]);
    await stop();
    expect(texts()).toEqual(["panic: last words"]);
  });

  it("has nothing to do for a service without logs", async () => {
    const { texts, stop } = start(serviceNamed("partner"), {});
    await stop();
    expect(texts()).toEqual([]);
  });
});

describe("going on after an interruption", () => {
  it("lets equal lines through unless they come again", () => {
    const resume = sinceLast(0);
    expect([line("a", 1), line("a", 1)].map((one) => resume.isNew(one))).toEqual([true, true]);
    expect(resume.since()).toBe(1);
    const again = [line("a", 1), line("a", 1), line("a", 1), line("b", 1), line("a", 2)];
    expect(again.map((one) => resume.isNew(one))).toEqual([false, false, true, true, true]);
    expect(resume.since()).toBe(2);
  });
});
