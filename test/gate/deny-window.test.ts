// Windows by the wall clock: over the weekend, over midnight, and where the clocks change.
import { describe, expect, it } from "vitest";
import type { DenyWindow } from "../../domain/policy.ts";
import { inWindow, minuteOfWeek } from "../../graph/deny-window.ts";

const at = (iso: string) => Date.parse(iso);
const window = (startMinute: number, endMinute: number, timezone = "Europe/Berlin"): DenyWindow => ({
  text: "",
  timezone,
  startMinute,
  endMinute,
});
const FRI_16 = 4 * 1440 + 16 * 60;
const MON_08 = 8 * 60;

describe("a deny window", () => {
  it.each([
    ["2026-03-13T14:59:59Z", false], // Friday 15:59 in Berlin
    ["2026-03-13T15:00:00Z", true],
    ["2026-03-15T12:00:00Z", true],
    ["2026-03-16T06:59:59Z", true], // Monday 07:59
    ["2026-03-16T07:00:00Z", false],
    ["2026-03-18T12:00:00Z", false],
  ])("Fri 16:00-Mon 08:00 at %s: %s", (iso, inside) => {
    expect(inWindow(window(FRI_16, MON_08), at(iso))).toBe(inside);
  });

  it("follows the clocks into summer time", () => {
    // Berlin, 2026-03-29: 01:59 is followed by 03:00. The window Sun 03:00-04:00 begins at 01:00 UTC.
    const sunday3 = window(6 * 1440 + 180, 6 * 1440 + 240);
    expect(inWindow(sunday3, at("2026-03-29T00:59:59Z"))).toBe(false);
    expect(inWindow(sunday3, at("2026-03-29T01:00:00Z"))).toBe(true);
    expect(inWindow(sunday3, at("2026-03-29T02:00:00Z"))).toBe(false);
  });

  it("covers the doubled hour in autumn both times", () => {
    // Berlin, 2026-10-25: 02:00-03:00 happens twice, from 00:00 and from 01:00 UTC.
    const sunday2 = window(6 * 1440 + 120, 6 * 1440 + 180);
    expect(["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"].map((iso) => inWindow(sunday2, at(iso)))).toEqual(
      [true, true],
    );
    expect(inWindow(sunday2, at("2026-10-25T02:30:00Z"))).toBe(false);
  });

  it("is always closed when it ends where it starts", () => {
    expect(inWindow(window(0, 0), at("2026-03-18T12:00:00Z"))).toBe(true);
  });

  it("counts midnight as the first minute", () => {
    expect(minuteOfWeek("UTC", at("2026-03-16T00:00:00Z"))).toBe(0);
    expect(minuteOfWeek("UTC", at("2026-03-15T23:59:00Z"))).toBe(7 * 1440 - 1);
    expect(minuteOfWeek("Asia/Kathmandu", at("2026-03-16T00:00:00Z"))).toBe(345);
  });

  it("throws for a zone or a moment that does not exist", () => {
    expect(() => minuteOfWeek("Mars/Olympus", 0)).toThrow(RangeError);
    expect(() => minuteOfWeek("UTC", Number.NaN)).toThrow(RangeError);
  });
});
