// What every Target must do. An adapter brings a site: a real service that can be broken for real. The service
// runs the program below.
import { describe, expect, it, vi } from "vitest";
import type { LogLine, Target } from "../../tools/target.ts";
import { ending } from "../targets/ending.ts";

/** Prints its start and every SIGHUP; commands come through the file CONTROL, since a container has no shared pid. */
export const PROGRAM = `
const say = (text) => console.log(text);
say("started");
process.on("SIGHUP", () => say("reloaded"));
process.on("SIGTERM", () => process.exit(143));
const long = "x".repeat(100000);
let n = 0;
setInterval(() => say("tick " + n++), 50);
process.stdin.destroy();
const { existsSync, readFileSync, rmSync } = require("node:fs");
const control = process.env.CONTROL ?? "/tmp/control";
setInterval(() => {
  if (!existsSync(control)) return;
  const command = readFileSync(control, "utf8").trim();
  rmSync(control);
  if (command === "crash") process.exit(7);
  if (command === "long") { say("long:" + long); console.error("on stderr: ünïcødé ✓"); }
  if (command === "burn") { const end = Date.now() + 5000; while (Date.now() < end); }
}, 20);
`;

export interface Site extends AsyncDisposable {
  target: Target;
  /** Makes the program do something: "crash" (exit 7), "long", "burn". */
  tell(command: "crash" | "long" | "burn"): Promise<void>;
  /** kill -9 from outside. */
  kill(): Promise<void>;
  /** What an operator does who wants it down. */
  operatorStop(): Promise<void>;
  /** Stops it in the middle of our own restart, as a crash of opsmedic would. */
  cutOffRestart(): Promise<void>;
}

const running = { status: "running" };

// oxlint-disable-next-line vitest/require-awaited-expect-poll -- awaited where it is used
const until = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 20_000, interval: 50 });

export function targetContract(name: string, open: () => Promise<Site>): void {
  describe(`${name} as a Target`, () => {
    it("sees a crash with its exit code and brings the service back as a new instance", async () => {
      await using site = await open();
      const before = await site.target.state();
      expect(before).toMatchObject({ ...running, replicas: 1, stoppedByOperator: false });
      await site.tell("crash");
      await until(() => site.target.state()).toMatchObject({
        status: "exited",
        exitCode: 7,
        stoppedByOperator: false,
      });
      await site.target.start();
      const after = await site.target.state();
      expect(after).toMatchObject(running);
      expect(after.instance).not.toBe(before.instance);
      expect(after.startedAt).toBeGreaterThan(before.startedAt ?? Infinity);
    });

    it("starts nothing that runs", async () => {
      await using site = await open();
      const { instance } = await site.target.state();
      await site.target.start();
      expect((await site.target.state()).instance).toBe(instance);
    });

    it("restarts into a new instance, and finishes a restart that was cut off", async () => {
      await using site = await open();
      const { instance } = await site.target.state();
      await site.target.restart();
      const second = await site.target.state();
      expect(second).toMatchObject(running);
      expect(second.instance).not.toBe(instance);
      await site.cutOffRestart();
      expect(await site.target.state()).toMatchObject({ status: "exited", stoppedByOperator: false });
      await site.target.restart();
      expect(await site.target.state()).toMatchObject(running);
    });

    it("tells a kill from an operator's stop", async () => {
      await using site = await open();
      await site.kill();
      await until(() => site.target.state()).toMatchObject({
        status: "exited",
        exitCode: 137,
        stoppedByOperator: false,
      });
      await site.target.start();
      await site.operatorStop();
      await until(() => site.target.state()).toMatchObject({ status: "exited", stoppedByOperator: true });
    });

    it("delivers a reload signal to the program", async () => {
      await using site = await open();
      await until(async () => texts(await site.target.logs({ since: 0, limit: 100 }))).toContain("started");
      await site.target.reload("SIGHUP");
      await until(async () => texts(await site.target.logs({ since: 0, limit: 1000 }))).toContain("reloaded");
      expect(await site.target.state()).toMatchObject(running);
    });

    it("gives whole lines of both streams, however long, without frames", async () => {
      await using site = await open();
      await site.tell("long");
      await until(async () => texts(await site.target.logs({ since: 0, limit: 1000 }))).toContain(
        "on stderr: ünïcødé ✓",
      );
      const lines = texts(await site.target.logs({ since: 0, limit: 1000 }));
      expect(lines).toContain(`long:${"x".repeat(100_000)}`);
      // oxlint-disable-next-line no-control-regex -- a frame header would show as control bytes
      expect(lines.filter((line) => /[\u0000-\u0008]/.test(line))).toEqual([]);
    });

    it("follows the log over a restart and loses and doubles nothing", async () => {
      await using site = await open();
      const stop = new AbortController();
      const seen: string[] = [];
      const following = site.target.followLogs(
        (line) => seen.push(line.text),
        { since: Date.now() },
        stop.signal,
      );
      await using beside = new AsyncDisposableStack();
      beside.use(ending(stop, following));
      await vi.waitFor(() => expect(seen.filter(isTick).length).toBeGreaterThan(5), { timeout: 20_000 });
      await site.target.restart();
      await vi.waitFor(
        () => expect(seen.slice(seen.lastIndexOf("started")).filter(isTick).length).toBeGreaterThan(5),
        { timeout: 20_000 },
      );
      stop.abort();
      await following;
      const restarted = seen.lastIndexOf("started");
      expect(gaps(seen.slice(0, restarted).filter(isTick))).toEqual([]);
      expect(seen.slice(restarted).filter(isTick)[0]).toBe("tick 0");
      expect(gaps(seen.slice(restarted).filter(isTick))).toEqual([]);
    });

    it("measures CPU and memory", async () => {
      await using site = await open();
      await site.target.use();
      const idle = await site.target.use();
      expect(idle?.memoryBytes).toBeGreaterThan(5_000_000);
      await site.tell("burn");
      // On a busy machine a burning program gets little; an idle one uses next to nothing.
      await until(async () => (await site.target.use())?.cpu ?? 0).toBeGreaterThan(0.08);
    });

    it("has no use to tell of what does not run", async () => {
      await using site = await open();
      await site.kill();
      await until(() => site.target.state()).toMatchObject({ status: "exited" });
      expect(await site.target.use()).toBeUndefined();
    });

    it("scales to an absolute number, twice the same, and back", async () => {
      await using site = await open();
      await site.target.scale(3);
      await site.target.scale(3);
      await until(() => site.target.state()).toMatchObject({ ...running, replicas: 3 });
      await site.target.scale(1);
      await until(() => site.target.state()).toMatchObject({ ...running, replicas: 1 });
    });

    it("describes itself as plain data", async () => {
      await using site = await open();
      const description = await site.target.describe();
      expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    });

    it("honours an abort before it acts", async () => {
      await using site = await open();
      const { instance } = await site.target.state();
      await expect(site.target.restart(AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
      expect((await site.target.state()).instance).toBe(instance);
    });
  });
}

const texts = (lines: readonly LogLine[]): string[] => lines.map((one) => one.text);
const isTick = (line: string): boolean => line.startsWith("tick ");

/** Ticks are numbered: whatever is not the number after the one before it was lost or doubled. */
function gaps(ticks: readonly string[]): string[] {
  return ticks.filter((line, index) => index > 0 && number(line) !== number(ticks[index - 1] ?? "") + 1);
}

function number(tick: string): number {
  return Number(tick.slice("tick ".length));
}
