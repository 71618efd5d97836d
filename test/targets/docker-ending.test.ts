// Wanted or not: every way in which a container can end, as the engine announces it.
import { describe, expect, it } from "vitest";
import { type Ending, wasWanted } from "../../tools/docker-ending.ts";

const END = 1_000_000;
const signalled = (signal: string, at = END - 100) => ({ action: "kill", at, signal });
const die = { action: "die", at: END };
const stop = { action: "stop", at: END + 20 };

function ended(change: Partial<Ending>): boolean {
  return wasWanted({
    exitCode: 1,
    finishedAt: END,
    events: [die],
    stopSignal: undefined,
    restartPolicy: "no",
    ownRestart: false,
    ...change,
  });
}

describe("an end that was announced", () => {
  it.each<[string, boolean, Partial<Ending>]>([
    ["docker stop", true, { exitCode: 143, events: [signalled("15"), die, stop] }],
    [
      "docker stop of a program that ends with 0",
      true,
      { exitCode: 0, events: [signalled("15"), die, stop] },
    ],
    [
      "docker stop that had to kill",
      true,
      { exitCode: 137, events: [signalled("15", END - 10_000), signalled("9"), die, stop] },
    ],
    ["the moment between die and stop", true, { exitCode: 1, events: [signalled("15"), die] }],
    ["an own stop signal", true, { exitCode: 0, stopSignal: "SIGQUIT", events: [signalled("3"), die] }],
    ["a stop signal by name", true, { exitCode: 0, stopSignal: "QUIT", events: [signalled("SIGQUIT"), die] }],
    ["SIGTERM by whomever", true, { exitCode: 143 }],
    ["docker kill", false, { exitCode: 137, events: [signalled("9"), die] }],
    [
      "docker kill where SIGKILL stops",
      false,
      { exitCode: 137, stopSignal: "SIGKILL", events: [signalled("9"), die] },
    ],
    ["a crash", false, {}],
    ["an end with 0 that nobody asked for", false, { exitCode: 0 }],
    ["a SIGTERM survived long ago", false, { exitCode: 1, events: [signalled("15", END - 3_600_000), die] }],
    ["a reload that was the end", false, { exitCode: 129, events: [signalled("1"), die] }],
    [
      "our own restart, cut off",
      false,
      { exitCode: 143, ownRestart: true, events: [signalled("15"), die, stop] },
    ],
    ["a stop before this run", false, { events: [{ action: "stop", at: END - 60_000 }, die] }],
  ])("%s: wanted %s", (_name, wanted, change) => {
    expect(ended(change)).toBe(wanted);
  });
});

describe("an end that nobody remembers", () => {
  it.each<[string, boolean, Partial<Ending>]>([
    ["with 0", true, { exitCode: 0 }],
    ["with 143", true, { exitCode: 143 }],
    ["with 1", false, { exitCode: 1 }],
    ["with 137", false, { exitCode: 137 }],
    ["with 1, though the engine would have restarted it", true, { exitCode: 1, restartPolicy: "always" }],
    ["with 137 under a policy", false, { exitCode: 137, restartPolicy: "unless-stopped" }],
    ["with 1 after too many tries", false, { exitCode: 1, restartPolicy: "on-failure" }],
  ])("%s: wanted %s", (_name, wanted, change) => {
    expect(ended({ ...change, events: [] })).toBe(wanted);
  });
});
