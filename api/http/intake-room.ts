// Room for posted logs and traces that are on their way in. A flood must find its end at the door: what is being read is held in
// memory, and what is being understood keeps others waiting.
import { setImmediate } from "node:timers/promises";
import pLimit from "p-limit";
import type { InTurn } from "../../tools/log-sources/receive-logs.ts";
import { HttpProblem } from "./problem.ts";

export interface IntakeRoom {
  /**
   * Reads a body of so many bytes and hands it on, with the turn in which it is to be understood: one after the other,
   * and between two others get theirs. Throws HttpProblem 429 where there is no room: nothing was read then.
   */
  take<Body, Answer>(
    bytes: number,
    read: () => Promise<Body>,
    handOn: (body: Body, inTurn: InTurn) => Promise<Answer>,
  ): Promise<Answer>;
}

const MOST_BYTES = 16 * 1024 * 1024;

/** `mostBytes`: of all bodies that are read or wait; a single one always finds room. */
export function makeIntakeRoom(mostBytes = MOST_BYTES): IntakeRoom {
  const oneAtATime = pLimit(1);
  let held = 0;
  const inTurn: InTurn = (work) =>
    oneAtATime(async () => {
      const understood = await work();
      await setImmediate();
      return understood;
    });
  return {
    async take(bytes, read, handOn) {
      if (held > 0 && held + bytes > mostBytes) throw noRoom();
      held += bytes;
      try {
        return await handOn(await read(), inTurn);
      } finally {
        held -= bytes;
      }
    },
  };
}

function noRoom(): HttpProblem {
  return new HttpProblem(
    429,
    "too_many_logs",
    "Too many logs and traces are on their way in; nothing of this was taken.",
    {
      hint: "Send it again in a second, as Retry-After says, or send less at once.",
      headers: { "retry-after": "1" },
    },
  );
}
