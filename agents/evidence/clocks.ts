// What time it is elsewhere, by the answers that the health checks got in the last minutes.
import { only } from "../../domain/signal.ts";
import { inWords, type Look, type Observer, seen, unseen } from "./observer.ts";

const FRESH_MS = 5 * 60_000;
const FEWEST_OTHERS = 2;

/** How far its clock is from ours, ms without sign. */
const clockOffset: Observer = (look) => {
  const offset = lastOffset(look, look.scene.service.name);
  return offset === undefined
    ? unseen("no answer told the time")
    : seen(Math.abs(offset), `its clock is ${inWords(Math.abs(offset))} from ours`);
};

/** Our own clock: how far the middle of all others' is from it, ms without sign. */
const ownClockOffset: Observer = (look) => {
  const offsets = look.parts.services().flatMap((one) => lastOffset(look, one.name) ?? []);
  if (offsets.length < FEWEST_OTHERS) return unseen("fewer than two others told the time");
  const middle = offsets.toSorted((a, b) => a - b)[Math.floor(offsets.length / 2)] ?? 0;
  return seen(Math.abs(middle), `our clock is ${inWords(Math.abs(middle))} from the others'`);
};

export const clocks: Record<string, Observer> = {
  "clock-offset": clockOffset,
  "own-clock-offset": ownClockOffset,
};

function lastOffset({ parts, scene }: Look, service: string): number | undefined {
  const signals = [...parts.window(service), ...scene.signals.filter((one) => one.service === service)];
  return only(signals, "probe").findLast(
    (one) => one.clockOffsetMs !== undefined && one.at >= scene.now - FRESH_MS,
  )?.clockOffsetMs;
}
