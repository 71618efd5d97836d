// The machine that the service shares with others: who has its processors, and does work wait for memory or disks?
import { type Look, type Observer, percent, seen, unseen } from "./observer.ts";
import { only } from "../../domain/signal.ts";

const FRESH_MS = 60_000;
const UNKNOWN = unseen("no machine is watched");

/** The machine's CPU, by the newest measurement of the last minute: a new one would be taken over too short a time. */
const hostCpu: Observer = (look) => {
  const cpu = only([...look.parts.window(look.scene.service.name), ...look.scene.signals], "metric").findLast(
    (one) => one.name === "cpu" && one.of === "host" && one.at >= look.scene.now - FRESH_MS,
  )?.value;
  return cpu === undefined ? UNKNOWN : seen(cpu, `the machine's CPU at ${percent(cpu)}`);
};

const memoryPressure: Observer = async (look) => stalled(look, "memory", "memory");
const ioPressure: Observer = async (look) => stalled(look, "io", "its disks");

const swapUse: Observer = async ({ parts }) => {
  const swap = (await parts.machine?.pressure())?.swap;
  return swap === undefined ? unseen("the machine has no swap") : seen(swap, `swap at ${percent(swap)}`);
};

export const hostState: Record<string, Observer> = {
  "host-cpu": hostCpu,
  "memory-pressure": memoryPressure,
  "io-pressure": ioPressure,
  "swap-use": swapUse,
};

/** Share of the last ten seconds in which some work could not go on for want of it. */
async function stalled({ parts }: Look, of: "memory" | "io", words: string) {
  const share = (await parts.machine?.pressure())?.[of];
  return share === undefined
    ? unseen("the kernel does not tell what waits")
    : seen(share, `work waited for ${words} ${percent(share)} of the time`);
}
