// Sessions that wait for locks: one that waits long, or many that are relieved by others before they do.
import { describe, expect, it } from "vitest";
import type { DatabaseSignal } from "../../domain/signal.ts";
import { detect, now, series } from "./view.ts";

const look = (ago: number, numbers: DatabaseSignal["numbers"]): DatabaseSignal => ({
  kind: "database",
  service: "shop",
  at: now - ago,
  engine: "mysql",
  numbers,
  words: {},
});
const blocked = (numbers: (ago: number) => DatabaseSignal["numbers"]): string[] =>
  detect(series(8, 1_000, (ago) => look(ago, numbers(ago))))
    .filter((one) => one.kind === "blocked-sessions")
    .map((one) => one.severity);

describe("blocked sessions", () => {
  it("are found when one has waited for long, not for a moment", () => {
    expect(blocked(() => ({ blocked: 1, "blocked-ms": 6_000 }))).toEqual(["warning"]);
    expect(blocked(() => ({ blocked: 1, "blocked-ms": 900 }))).toEqual([]);
  });

  it("are found when many queue behind one transaction, though each gives up early", () => {
    const queue = { blocked: 9, "blocked-ms": 2_500 };
    expect(blocked((ago) => ({ ...queue, "longest-transaction-ms": 20_000 - ago }))).toEqual(["critical"]);
    // Short transactions that all want one row are how a busy shop looks.
    expect(blocked(() => ({ ...queue, "longest-transaction-ms": 300 }))).toEqual([]);
    expect(
      blocked((ago) => ({ ...queue, blocked: ago === 2_000 ? 0 : 9, "longest-transaction-ms": 60_000 })),
    ).toEqual([]);
  });
});
