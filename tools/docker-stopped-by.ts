// Who ended a container: an operator (docker stop, compose stop), or a fault? The engine remembers its last
// events, so this can be asked after the fact, also when opsmedic was not there.
import { z } from "zod";
import type { ContainerInfo, Engine } from "./docker-engine.ts";

const eventSchema = z.object({
  Action: z.string(),
  timeNano: z.number(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).default({}) }),
});

export interface Ending {
  byOperator: boolean;
  outOfMemory: boolean;
}

/** Longest that an orderly stop may take between its first signal and the end. */
const LONGEST_STOP_MS = 120_000;
const SIGTERM_EXIT = 143;
const SIGINT_EXIT = 130;
const SIGNALS: Readonly<Record<string, string>> = {
  SIGTERM: "15",
  SIGINT: "2",
  SIGQUIT: "3",
  SIGHUP: "1",
  SIGUSR1: "10",
  SIGWINCH: "28",
};

/**
 * An operator's stop begins with the image's stop signal, sent through the engine. `docker kill` sends SIGKILL, a
 * crash and the out-of-memory killer send nothing. Where the engine's memory of events is too short, a container
 * that ended by the stop signal's exit status counts as stopped on purpose: left alone is the safer mistake.
 */
export async function endingOf(engine: Engine, info: ContainerInfo, signal?: AbortSignal): Promise<Ending> {
  const ended = Date.parse(info.State.FinishedAt) || Date.now();
  const events = await recentEvents(engine, info.Id, ended, signal);
  const stopSignal = stopSignalOf(info);
  const asked = events.some((one) => one.Action === "kill" && one.Actor.Attributes["signal"] === stopSignal);
  const outOfMemory = info.State.OOMKilled || events.some((one) => one.Action === "oom");
  const remembered = events.some((one) => one.Action === "die");
  const byExitCode = [SIGTERM_EXIT, SIGINT_EXIT].includes(info.State.ExitCode);
  return { byOperator: !outOfMemory && (remembered ? asked : byExitCode), outOfMemory };
}

function stopSignalOf(info: ContainerInfo): string {
  const name = (info.Config as { StopSignal?: string }).StopSignal ?? "SIGTERM";
  return SIGNALS[name] ?? name.replace(/^SIG/, "");
}

async function recentEvents(engine: Engine, id: string, ended: number, signal?: AbortSignal) {
  const filters = JSON.stringify({ container: [id], event: ["kill", "die", "oom", "stop"] });
  const since = Math.floor((ended - LONGEST_STOP_MS) / 1000);
  const until = Math.ceil(ended / 1000) + 2;
  const now = Date.now() / 1000;
  return engine.call(
    "events",
    async () => {
      // Bounded by `until`: the engine ends the stream by itself.
      const stream = await engine.docker.getEvents({ since, until: Math.min(until, now), filters });
      let text = "";
      for await (const chunk of stream) text += String(chunk);
      const lines = text.split("\n").filter((line) => line.trim() !== "");
      return lines.flatMap((line) => eventSchema.safeParse(JSON.parse(line)).data ?? []);
    },
    signal,
  );
}
