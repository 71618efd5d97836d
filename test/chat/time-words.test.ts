// Times in words, with the clock and the time zone given.
import { describe, expect, it } from "vitest";
import { spanOf } from "../../agents/chat/time-words.ts";

const iso = (at: number): string => new Date(at).toISOString().slice(0, 16);

/** Friday, 9 January 2026, 10:00 UTC. */
const now = Date.parse("2026-01-09T10:00:00Z");

function span(text: string, at = now, timeZone = "UTC"): string | undefined {
  const found = spanOf(text, at, timeZone);
  return found && `${iso(found.from)} – ${iso(found.to)}`;
}

describe("times in words", () => {
  it.each([
    ["what happened last night", "2026-01-08T20:00 – 2026-01-09T07:00"],
    ["anything overnight?", "2026-01-08T20:00 – 2026-01-09T07:00"],
    ["yesterday", "2026-01-08T00:00 – 2026-01-09T00:00"],
    ["yesterday evening", "2026-01-08T17:00 – 2026-01-09T00:00"],
    ["the day before yesterday", "2026-01-07T00:00 – 2026-01-08T00:00"],
    ["today", "2026-01-09T00:00 – 2026-01-09T10:00"],
    ["this morning", "2026-01-09T00:00 – 2026-01-09T10:00"],
    ["on wednesday", "2026-01-07T00:00 – 2026-01-08T00:00"],
    ["on wednesday evening", "2026-01-07T17:00 – 2026-01-08T00:00"],
    ["since monday", "2026-01-05T00:00 – 2026-01-09T10:00"],
    ["since yesterday", "2026-01-08T00:00 – 2026-01-09T10:00"],
    ["on friday", "2026-01-09T00:00 – 2026-01-09T10:00"],
    ["last friday", "2026-01-02T00:00 – 2026-01-03T00:00"],
    ["this week", "2026-01-05T00:00 – 2026-01-09T10:00"],
    ["last week", "2025-12-29T00:00 – 2026-01-05T00:00"],
    ["at the weekend", "2026-01-03T00:00 – 2026-01-05T00:00"],
    ["in the last 2 hours", "2026-01-09T08:00 – 2026-01-09T10:00"],
    ["in the past hour", "2026-01-09T09:00 – 2026-01-09T10:00"],
    ["in the last three days", "2026-01-06T10:00 – 2026-01-09T10:00"],
    ["2 hours ago", "2026-01-09T07:30 – 2026-01-09T08:30"],
    ["between 2 and 3 am", "2026-01-09T02:00 – 2026-01-09T03:00"],
    ["between 11 and 12", "2026-01-08T11:00 – 2026-01-08T12:00"],
    ["between 2pm and 4pm yesterday", "2026-01-08T14:00 – 2026-01-08T16:00"],
    ["between 11pm and 1am", "2026-01-08T23:00 – 2026-01-09T01:00"],
    ["at 9:40", "2026-01-09T09:10 – 2026-01-09T10:00"],
    ["around 3pm on wednesday", "2026-01-07T14:30 – 2026-01-07T15:30"],
    ["on 2026-01-06", "2026-01-06T00:00 – 2026-01-07T00:00"],
    ["since 8", "2026-01-09T08:00 – 2026-01-09T10:00"],
    ["why is checkout slow", undefined],
  ])("%s", (text, expected) => {
    expect(span(text)).toBe(expected);
  });

  it("means the night that still goes on, in the small hours", () => {
    expect(span("last night", Date.parse("2026-01-09T03:00:00Z"))).toBe(
      "2026-01-08T20:00 – 2026-01-09T03:00",
    );
  });

  it("reckons in the asker's time zone, also over a change of the clock", () => {
    expect(span("yesterday", now, "Europe/Berlin")).toBe("2026-01-07T23:00 – 2026-01-08T23:00");
    expect(span("today", Date.parse("2026-01-09T03:00:00Z"), "America/New_York")).toBe(
      "2026-01-08T05:00 – 2026-01-09T03:00",
    );
    // 29 March 2026: 02:00 becomes 03:00 in Berlin, and the day has 23 hours.
    expect(span("yesterday", Date.parse("2026-03-30T10:00:00Z"), "Europe/Berlin")).toBe(
      "2026-03-28T23:00 – 2026-03-29T22:00",
    );
  });

  it("never reaches beyond now", () => {
    for (const text of [
      "today",
      "this week",
      "tonight",
      "this evening",
      "since monday",
      "on friday evening",
    ]) {
      expect(spanOf(text, now, "UTC")?.to ?? 0).toBeLessThanOrEqual(now);
    }
  });
});
