// Checks of outside log sources: each is asked for its newest lines, as the server would ask. Read-only.
import { HealError, messageOf } from "../../../domain/errors.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import { startingAt } from "../../../tools/log-sources/log-source.ts";
import type { PulledLogs } from "../../config.ts";
import type { Check } from "./check.ts";

const MINUTES = 2;

export function logSourceCheck({ name, entry }: PulledLogs): Check {
  return {
    name: "log source",
    async run(signal) {
      const { pulledSource } = await import("../../../tools/log-sources/pulled-source.ts");
      const source = pulledSource(entry, systemClock);
      try {
        const begin = startingAt(systemClock.now() - MINUTES * 60_000);
        const { events, more } = await source.poll(begin, signal);
        const lines = `${events.length}${more ? " or more" : ""} lines in the last ${MINUTES} minutes`;
        return { status: "ok", text: `${name}: ${lines}` };
      } catch (error) {
        const hint = error instanceof HealError ? error.hint : undefined;
        const advice = hint ?? "Its lines are not seen until it answers; the server tries again and again.";
        return { status: "fail", text: `${name}: ${messageOf(error)}`, advice };
      } finally {
        await source.close?.().catch(() => undefined);
      }
    },
  };
}
