// The bytes of Docker's log and event streams, cut at every place.
import { describe, expect, it } from "vitest";
import { makeLineSplitter, readEvent } from "../../tools/docker-event-stream.ts";
import { type DockerLogLine, makeLogReader } from "../../tools/docker-log-lines.ts";

const T1 = "2026-11-21T09:00:00.000000001Z";
const T2 = "2026-11-21T09:00:00.000000002Z";
const T3 = "2026-11-21T09:00:00.000000003Z";

function frame(stream: 1 | 2, text: string | Buffer): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

function read(tty: boolean, bytes: Buffer, size: number): DockerLogLine[] {
  const lines: DockerLogLine[] = [];
  const reader = makeLogReader(tty, (line) => lines.push(line));
  for (let from = 0; from < bytes.length; from += size) reader.push(bytes.subarray(from, from + size));
  reader.end();
  return lines;
}

const piece = (time: string, text: Buffer): Buffer => Buffer.concat([Buffer.from(`${time} `), text]);
/** 40,000 bytes, so that pieces of 16 KiB cut a three-byte character. */
const long = Buffer.from(`a${"✓".repeat(13_333)}`);
const pieces = [long.subarray(0, 16_384), long.subarray(16_384, 32_768), long.subarray(32_768)];

describe("a log in frames", () => {
  const bytes = Buffer.concat([
    frame(1, `${T1} first\n`),
    frame(1, piece(T2, pieces[0]!)),
    frame(2, `${T3} on stderr, in between\r\n`),
    frame(1, piece(T2, pieces[1]!)),
    frame(1, Buffer.concat([piece(T2, pieces[2]!), Buffer.from("\n")])),
    frame(1, `${T3} \n`),
    frame(2, `${T3} last words without an end`),
  ]);

  it.each([1, 7, 8, 9, 100, 16_400, 1_000_000])("is the same in chunks of %i", (size) => {
    expect(read(false, bytes, size)).toEqual([
      { time: T1, at: Date.parse(T1), stream: "stdout", text: "first" },
      { time: T3, at: Date.parse(T3), stream: "stderr", text: "on stderr, in between" },
      { time: T2, at: Date.parse(T2), stream: "stdout", text: long.toString() },
      { time: T3, at: Date.parse(T3), stream: "stdout", text: "" },
      { time: T3, at: Date.parse(T3), stream: "stderr", text: "last words without an end" },
    ]);
  });

  it("never holds more than a megabyte of one line", () => {
    const endless = Buffer.concat(
      Array.from({ length: 100 }, () => frame(1, piece(T1, Buffer.alloc(16_384, 97)))),
    );
    expect(read(false, endless, 65_536).map((line) => line.text.length)).toEqual([1024 * 1024]);
  });
});

describe("a log of a terminal", () => {
  const bytes = Buffer.concat([
    Buffer.from(`${T1} first\r\n`),
    ...pieces.map((one) => piece(T2, one)),
    Buffer.from(`\r\n${T3} it says ${T3} itself\r\n`),
  ]);

  it.each([1, 100, 1_000_000])("is the same in chunks of %i", (size) => {
    expect(read(true, bytes, size).map((line) => line.text)).toEqual([
      "first",
      long.toString(),
      `it says ${T3} itself`,
    ]);
  });
});

const line = (action: string): string =>
  `{"Type":"container","Action":"${action}","Actor":{"ID":"abc","Attributes":{"name":"shöp","exitCode":"7"}},"time":1795251678,"timeNano":1795251678468362475}`;

describe("the event stream", () => {
  it("is the same wherever it is cut", () => {
    const bytes = Buffer.from(`${line("die")}\n\n${line("start")}\n`);
    for (let size = 1; size < bytes.length; size += 13) {
      const lines: string[] = [];
      const split = makeLineSplitter((one) => lines.push(one));
      for (let from = 0; from < bytes.length; from += size) split(bytes.subarray(from, from + size));
      expect(lines).toEqual([line("die"), line("start")]);
    }
  });

  it("keeps every digit of an event's time", () => {
    expect(readEvent(line("die"))).toMatchObject({
      nano: "1795251678468362475",
      at: 1_795_251_678_468,
      name: "shöp",
    });
  });

  it.each(["", "null", "[]", "{", '{"Type":"network","Action":"connect"}', '{"message":"shutting down"}'])(
    "skips %j",
    (text) => {
      expect(readEvent(text)).toBeUndefined();
    },
  );
});
