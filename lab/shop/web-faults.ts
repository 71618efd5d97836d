// The ways in which the shop front really breaks. Each is a state of this process: a new process is well again.
import { proportionalMemory } from "../../tools/process-table.ts";
import { logJson } from "./json-lines.ts";

/** As it counts for the limit: what other programs share with this one is not all its own. */
const memoryBytes = (): number => proportionalMemory(process.pid) ?? process.memoryUsage.rss();

/** Sessions that are never dropped: real memory, written to, growing to just below `limitBytes` within `overMs`. */
export function makeSessions() {
  const sessions: Buffer[] = [];
  let leak: NodeJS.Timeout | undefined;
  const everyMs = 250;
  return {
    grow(limitBytes: number, overMs = 25_000): void {
      const target = limitBytes * 0.97;
      const step = Math.max((target - memoryBytes()) / (overMs / everyMs), 64 * 1024);
      leak ??= setInterval(() => {
        if (memoryBytes() < target) sessions.push(Buffer.alloc(Math.round(step), 1));
      }, everyMs);
    },
    drop(): void {
      clearInterval(leak);
      leak = undefined;
      sessions.length = 0;
    },
  };
}

/** An exception that nobody catches, as a bug throws it: the process ends with code 1. */
export function crash(): void {
  const basket = JSON.parse("{}") as { total: { cents: number } };
  setImmediate(() => logJson("info", `total ${basket.total.cents}`));
}

/** Waits for a lock that nobody gives back. The event loop stands still; signals are not handled any more. */
export function hang(): void {
  logJson("info", "taking the lock of the stock file");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
