// What each log line says, read once: a line stays in the window for minutes and is looked at every few seconds by
// several detectors. The readings go when the line does.
import type { LogSignal } from "../../domain/signal.ts";
import { type LogMatch, patternIn, troubleIn } from "../../signals/log-patterns.ts";
import { type Access, accessOf } from "../../signals/rates.ts";

/** The trouble that a line reports at its level; undefined for chatter. */
export const troubleOf: (line: LogSignal) => LogMatch | undefined = readOnce(troubleIn);
/** What a line says whatever its level. */
export const patternOf: (line: LogSignal) => LogMatch | undefined = readOnce(({ text }) => patternIn(text));
/** The request that a line reports. */
export const requestOf: (line: LogSignal) => Access | undefined = readOnce(({ text }) => accessOf(text));

function readOnce<T>(read: (line: LogSignal) => T): (line: LogSignal) => T {
  const known = new WeakMap<LogSignal, { reading: T }>();
  return (line) => {
    const before = known.get(line);
    if (before !== undefined) return before.reading;
    const reading = read(line);
    known.set(line, { reading });
    return reading;
  };
}
