// What came up after a start or a change, and what is only as old as our own memory.
import { expect, it } from "vitest";
import { makeLastChanges } from "../../agents/last-changes.ts";
import type { Signal } from "../../domain/signal.ts";

const MINUTE = 60_000;
const began = 1_800_000_000_000;

const change = (at: number, path: string): Signal => ({
  kind: "change",
  service: "shop",
  at,
  path,
  goodVersion: "abc",
  summary: `${path} differs`,
});
const state = (at: number, startedAt: number): Signal => ({
  kind: "state",
  service: "shop",
  at,
  status: "running",
  health: "none",
  instance: "one",
  oomKilled: false,
  startedAt,
  restartCount: 0,
  stoppedByOperator: false,
  replicas: 1,
});

it("names the latest start or change before something came up, within the hour", () => {
  const changes = makeLastChanges({ now: () => began });
  const at = began + 30 * MINUTE;
  changes.note(state(at, at - MINUTE));
  changes.note(change(at + 5 * MINUTE, "config/app.yaml"));
  changes.note(change(at + 20 * MINUTE, "config/app.yaml")); // seen again, changed once
  expect(changes.before("shop", at)).toEqual({ at: at - MINUTE, what: "a start" });
  expect(changes.before("shop", at + 30 * MINUTE)).toEqual({
    at: at + 5 * MINUTE,
    what: "a change of config/app.yaml",
  });
  expect(changes.before("shop", at - 2 * MINUTE)).toBeUndefined();
  expect(changes.before("shop", at + 3 * 60 * MINUTE)).toBeUndefined();
  expect(changes.before("cache", at)).toBeUndefined();
});

it("blames no start that was before its own, or as good as", () => {
  const changes = makeLastChanges({ now: () => began });
  changes.note(state(began, began - 5 * MINUTE));
  changes.note(state(began, began + 5 * MINUTE));
  expect(changes.before("shop", began + 6 * MINUTE)).toBeUndefined();
});
