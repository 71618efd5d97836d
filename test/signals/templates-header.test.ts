import { describe, expect, it } from "vitest";
import { compileHeader, headerOf } from "../../signals/templates/header.ts";

const levels = ["INFO", "WARN", "ERROR", "DEBUG"];
const parts = ["db", "web.Cart", "jobs"];
const sentences = [
  (n: number) => `Connection from 10.0.0.${n} port ${n * 7} accepted`,
  (n: number) => `Starting worker ${n}`,
  (n: number) => `failed to open /var/data/${n}.db: No such file`,
  () => "User alice logged in",
  () => "error: connection reset by peer",
  (n: number) => `${n} rows updated`,
  (n: number) => `[pool-${n}] queue full`,
  (n: number) => `retrying request (attempt=${n})`,
  () => "ERROR CODE returned",
];
const two = (n: number) => String(n % 60).padStart(2, "0");
const of = (words: string[], n: number) => words[(n * 7 + (n >> 2)) % words.length] ?? "";

/** What stands before the message in line n. */
const headers: Record<string, (n: number) => string> = {
  "time and level": (n) => `2024-03-02 11:${two(n)}:07,123 ${of(levels, n)} `,
  "Java, with thread and class": (n) =>
    `2024-03-02T11:${two(n)}:07.123Z  ${of(levels, n)} ${n} --- [exec ${n % 3}] o.s.${of(parts, n)} : `,
  "Python, with dashes": (n) => `2024-03-02 11:00:${two(n)},123 - app.${of(parts, n)} - ${of(levels, n)} - `,
  "time, thread, level": (n) => `11:00:${two(n)}.123 [main-${n}] ${of(levels, n)} c.e.${of(parts, n)} - `,
  klog: (n) => `${of(["I", "W", "E"], n)}0302 11:00:${two(n)}.123456 ${n} server.go:${n * 3}] `,
  "syslog, RFC 3164": (n) =>
    `<${30 + n}>Mar  2 11:00:${two(n)} web1 ${of(["cron", "sshd(pam_unix)"], n)}[${n}]: `,
  "syslog without priority": (n) => `Mar 12 11:00:${two(n)} web1 ${of(["kernel", "systemd[1]"], n)}: `,
  "syslog, RFC 5424": (n) => `<34>1 2024-03-02T11:00:${two(n)}.003Z web1 shop ${n} - [a@1 b="c"] `,
  "in brackets": (n) =>
    `[Sat Mar 02 11:00:${two(n)} 2024] [${of(["core:error", "core:notice"], n)}] [pid ${n}] `,
  "access log": (n) => `10.0.0.${n} - ${of(["-", "bob"], n)} [02/Mar/2024:11:00:${two(n)} +0000] `,
  pipes: (n) => `20240302-11:00:${two(n)}:6|Shop_${of(["Cart", "Stock"], n)}|30002312|`,
  "a container's name": (n) => `web_${n % 3}    | `,
  "a container's name and its own": (n) => `web_${n % 3}  | 2024-03-02 11:00:${two(n)} ${of(levels, n)} `,
  "with tabs": (n) => `2024-03-02T11:00:${two(n)}.123Z\t${of(levels, n)}\tserver/main.go:${n}\t`,
  "epoch seconds and node names": (n) => `${1000 + n} node-${n} unix.hw state_change.up 17000000${two(n)} 1 `,
  PostgreSQL: (n) => `2024-03-02 11:00:${two(n)}.123 UTC [${n}] ${of(["LOG", "ERROR"], n)}:  `,
  Redis: (n) => `${n}:M 02 Mar 2024 11:00:${two(n)}.123 ${of(["*", "#"], n)} `,
  MySQL: (n) =>
    `2024-03-02T11:00:${two(n)}.123456Z ${n} [${of(["Note", "Warning"], n)}] [MY-0${n}] [Server] `,
};

const linesOf = (header: (n: number) => string) =>
  Array.from({ length: 120 }, (_, n) => ({
    header: header(n),
    message: sentences[(n * 5 + (n >> 3)) % sentences.length]?.(n) ?? "",
  }));

const alike = (write: (n: number) => string) => headerOf(Array.from({ length: 40 }, (_, n) => write(n)));

describe("the header of log lines", () => {
  it.each(Object.entries(headers))("%s", (_, header) => {
    const lines = linesOf(header);
    const found = headerOf(lines.slice(0, 32).map((line) => line.header + line.message));
    const { whole } = compileHeader(found ?? []);
    const messages = lines.map((line) =>
      (line.header + line.message).slice(whole(line.header + line.message)),
    );
    expect(messages).toEqual(lines.map((line) => line.message));
  });

  it("is not seen where lines have none", () => {
    expect(headerOf(linesOf(() => "").map(({ message }) => message))).toBeUndefined();
    expect(alike((n) => `Received block ${n} of size ${n * 3} from /10.0.0.${n}`)).toBeUndefined();
    expect(alike((n) => `worker ${n} in error state ${n}`)).toBeUndefined();
    expect(alike((n) => `connection from 10.0.0.${n} at Sat Mar 02 11:00:${two(n)} 2024`)).toBeUndefined();
    expect(alike((n) => `[instance: ${n}a] Took ${n}.05 seconds to start`)).toBeUndefined();
    expect(alike((n) => `[main] version 1.${n}.12 of the shop started`)).toBeUndefined();
    expect(alike((n) => `10.0.0.${n}:8080 served block ${n}`)).toBeUndefined();
    expect(headerOf(["", "", ""])).toBeUndefined();
  });

  it("ends before a word that belongs to what all lines say", () => {
    const found = headerOf(
      Array.from({ length: 40 }, (_, n) => `2024-03-02 11:${two(n)}:00 INFO Loaded: part ${n}`),
    );
    const line = "2024-03-02 11:59:00 INFO Loaded: part 99";
    expect(line.slice(compileHeader(found ?? []).whole(line))).toBe("Loaded: part 99");
  });

  it("may lack its last fields in some lines", () => {
    const { whole, partly } = compileHeader(["numericTime", "numericTime", "level", "tag"]);
    expect(whole("2024-03-02 11:00:00 INFO started anew")).toBe(0);
    expect(partly("2024-03-02 11:00:00 INFO started anew")).toBe("2024-03-02 11:00:00 INFO ".length);
    expect(partly("no header at all")).toBe(0);
  });

  it("takes no long time for lines made to take long", () => {
    const hostile = [
      "[".repeat(5_000),
      "(a".repeat(5_000),
      "1:".repeat(5_000),
      `${" ".repeat(9_000)}x`,
      "a ".repeat(5_000),
    ];
    expect(headerOf(hostile)).toBeUndefined();
    for (const [, header] of Object.entries(headers)) {
      const found = headerOf(linesOf(header).map((line) => line.header + line.message)) ?? [];
      const { whole, partly } = compileHeader(found);
      for (const line of hostile) expect(whole(line) + partly(line)).toBeGreaterThanOrEqual(0);
    }
  });
});
