// Units, command lines, windows: what people write and what the program counts in.
import { array, assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { splitCommand } from "../../api/config/command.ts";
import { hostAndPort } from "../../api/config/fields.ts";
import { nearest } from "../../api/config/nearest.ts";
import { parseDuration, parsePercent, parseSize } from "../../api/config/units.ts";
import { isTimezone, parseWindow } from "../../api/config/windows.ts";

describe("units", () => {
  it.each([
    ["500ms", 500],
    ["5s", 5_000],
    ["0m", 0],
    ["1.5h", 5_400_000],
    ["1h30m", 5_400_000],
    ["30d", 2_592_000_000],
    ["5", undefined],
    ["5 s", undefined],
    ["-5s", undefined],
    ["s", undefined],
    ["", undefined],
  ])("the duration %j is %j ms", (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each([
    ["256m", 268_435_456],
    ["1g", 1_073_741_824],
    ["1GiB", 1_073_741_824],
    ["512", 512],
    ["1.5k", 1_536],
    ["1x", undefined],
    ["", undefined],
  ])("the size %j is %j bytes", (text, expected) => {
    expect(parseSize(text)).toBe(expected);
  });

  it.each([
    ["90%", 0.9],
    ["0.5 %", 0.005],
    ["90", undefined],
    ["0.9", undefined],
  ])("the percentage %j is %j", (text, expected) => {
    expect(parsePercent(text)).toBe(expected);
  });
});

describe("a command line", () => {
  it.each([
    ["node server.js --port 80", ["node", "server.js", "--port", "80"]],
    ["  a   b  ", ["a", "b"]],
    [`sh -c 'echo "hi there"'`, ["sh", "-c", 'echo "hi there"']],
    ['a "b \\"c\\" $HOME" d', ["a", 'b "c" $HOME', "d"]],
    ["a\\ b c", ["a b", "c"]],
    [`a '' ""`, ["a", "", ""]],
    [`"a\\nb"`, ["a\\nb"]],
    ["a; rm -rf $(x) | y > z", ["a;", "rm", "-rf", "$(x)", "|", "y", ">", "z"]],
    ["echo 'half", undefined],
    ["", []],
  ])("%j is %j", (text, words) => {
    expect(splitCommand(text)).toEqual(words);
  });

  it("gives back any words that were quoted", () => {
    assert(
      property(array(string(), { minLength: 1 }), (words) => {
        const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
        expect(splitCommand(quoted)).toEqual(words);
      }),
    );
  });
});

describe("a deny window", () => {
  it.each([
    ["Fri 16:00-Mon 08:00", [[6_720, 480]]],
    ["Mon 00:00-Mon 24:00", [[0, 1_440]]],
    ["Sat 22:00-06:00", [[8_520, 8_640 + 360]]],
    ["Sun 22:00-06:00", [[9_960, 360]]],
  ])("%j begins and ends at these minutes of the week", (text, expected) => {
    expect(parseWindow(text, "UTC")?.map((one) => [one.startMinute, one.endMinute])).toEqual(expected);
  });

  it("without days is one a day", () => {
    const windows = parseWindow("22:00-06:00", "UTC") ?? [];
    expect(windows).toHaveLength(7);
    expect(windows[6]).toMatchObject({ startMinute: 6 * 1_440 + 1_320, endMinute: 360 });
  });

  it.each([
    "Fri 16:00",
    "22:00-Mon 06:00",
    "Fri 16:60-Mon 08:00",
    "fri 16:00-mon 08:00",
    "Fri 25:00-Mon 08:00",
  ])("%j is none", (text) => {
    expect(parseWindow(text, "UTC")).toBeUndefined();
  });

  it("knows time zones by their IANA names", () => {
    expect(["Europe/Berlin", "UTC", "America/Argentina/Ushuaia"].map(isTimezone)).toEqual([true, true, true]);
    expect(["Europe/Atlantis", "+01:00", "", "Berlin"].map(isTimezone)).toEqual([false, false, false, false]);
  });
});

describe("small words", () => {
  it.each([
    ["127.0.0.1:8081", { host: "127.0.0.1", port: 8081 }],
    ["[::1]:5432", { host: "::1", port: 5432 }],
    ["db:65536", undefined],
    ["db", undefined],
    ["user@db:1", undefined],
  ])("the address %j is %j", (text, expected) => {
    expect(hostAndPort(text)).toEqual(expected);
  });

  it("suggests only what is near", () => {
    const keys = ["every", "watch", "gate", "validate"];
    expect(nearest("evry", keys)).toBe("every");
    expect(nearest("gaet", keys)).toBe("gate");
    expect(nearest("retention", keys)).toBeUndefined();
  });
});
