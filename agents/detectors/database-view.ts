// What the looks into a database say of now: the newest one, how long a number has been held, and how much a counter
// rose. A restart of the server sets its counters back; what was before it is history.
import type { DatabaseEngine, DatabaseNumber, DatabaseWord } from "../../domain/database.ts";
import { type DatabaseSignal, only } from "../../domain/signal.ts";
import type { View } from "../detector.ts";
import { trailing } from "./recent.ts";

/** Looks come every few seconds while a server watches, every few minutes else. */
const LATEST_MS = 6 * 60_000;

export interface DatabaseView {
  engine: DatabaseEngine;
  /** Of the present server process, oldest first. */
  looks: readonly DatabaseSignal[];
  last: DatabaseSignal;
  number(name: DatabaseNumber): number | undefined;
  word(name: DatabaseWord): string | undefined;
  /** How much a counter rose within this time; undefined where it was looked at once only. */
  rise(name: DatabaseNumber, withinMs: number): number | undefined;
  /** The looks at the end of the list whose number fits, without a break. */
  held(name: DatabaseNumber, fits: (value: number, look: DatabaseSignal) => boolean): DatabaseSignal[];
}

/** undefined: nothing was seen of the inside of a database lately. */
export function databaseView({ signals, now }: View): DatabaseView | undefined {
  const all = only(signals, "database");
  const last = all.at(-1);
  if (last === undefined || now - last.at > LATEST_MS) return undefined;
  const uptime = last.numbers["uptime-ms"];
  const began = uptime === undefined ? 0 : last.at - uptime - 2_000;
  const looks = all.filter((one) => one.engine === last.engine && one.at >= began);
  return {
    engine: last.engine,
    looks,
    last,
    number: (name) => last.numbers[name],
    word: (name) => last.words[name],
    rise(name, withinMs) {
      const first = looks.find((one) => one.at >= now - withinMs && one.numbers[name] !== undefined);
      const [before, after] = [first?.numbers[name], last.numbers[name]];
      if (first === last || before === undefined || after === undefined) return undefined;
      return Math.max(0, after - before);
    },
    held: (name, fits) =>
      trailing(looks, (one) => {
        const value = one.numbers[name];
        return value !== undefined && fits(value, one);
      }),
  };
}
