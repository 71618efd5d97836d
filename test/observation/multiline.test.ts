// Stack traces of real programs become one event each; what does not belong together stays apart.
import { execFileSync, spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeLineJoiner } from "../../signals/multiline.ts";

function join(text: string, limits = {}): string[] {
  const joiner = makeLineJoiner(limits);
  const events = text.split("\n").flatMap((line) => joiner.push({ at: 1, text: line }));
  return [...events, ...joiner.flush()].map((one) => one.text);
}

/** Standing between two unrelated lines, the trace must be one event, and both neighbours stay whole. */
function expectOneEvent(trace: string): void {
  const whole = trace.replace(/\n+$/, "");
  expect(join(`listening on 8080\n${whole}\nnext request`)).toEqual([
    "listening on 8080",
    whole,
    "next request",
  ]);
  expect(join(`2024-01-01 12:00:00 up\n${whole}\n2024-01-01 12:00:01 up`)).toEqual([
    "2024-01-01 12:00:00 up",
    whole,
    "2024-01-01 12:00:01 up",
  ]);
  expect(join(`${whole}\n${whole}`).join("\n").replaceAll(/\n+/g, "\n")).toBe(
    `${whole}\n${whole}`.replaceAll(/\n+/g, "\n"),
  );
}

function stderrOf(program: string, ...args: string[]): string {
  return spawnSync(program, args, { encoding: "utf8", cwd: "/" }).stderr;
}

const traces: Record<string, string> = {
  java: `Exception in thread "main" java.lang.IllegalStateException: pool is closed
\tat com.shop.Pool.get(Pool.java:10)
\tat com.shop.Main.main(Main.java:3)
Caused by: java.sql.SQLException: refused
\tat com.shop.Db.open(Db.java:7)
\t... 2 more`,
  "java after a log line": `2024-01-01 12:00:00,123 ERROR [main] c.s.Shop - order failed
java.lang.IllegalStateException: pool is closed
\tat com.shop.Pool.get(Pool.java:10)
Caused by: java.sql.SQLException: refused
\t... 2 more`,
  go: `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47f4a6]

goroutine 1 [running]:
main.(*Shop).order(0x0, {0x4a5f20, 0x3})
\t/app/main.go:12 +0x26
main.main()
\t/app/main.go:7 +0x1d

goroutine 18 [chan receive, 5 minutes]:
main.worker(...)
\t/app/main.go:20
created by main.main in goroutine 1
\t/app/main.go:6 +0x45
exit status 2`,
  ruby: `app.rb:3:in 'Shop#order': out of stock (RuntimeError)
\tfrom app.rb:7:in 'block in <main>'
\tfrom app.rb:6:in '<main>'`,
  rails: `NoMethodError (undefined method 'total' for nil):

app/models/order.rb:10:in 'total'
app/controllers/orders_controller.rb:5:in 'create'`,
  ".net": `Unhandled exception. System.InvalidOperationException: no connection
 ---> System.Net.Sockets.SocketException (111): Connection refused
   at Shop.Db.Open() in /src/Db.cs:line 12
   --- End of inner exception stack trace ---
   at Program.Main() in /src/Program.cs:line 3`,
  ".net console logger": `fail: Shop.Orders[0]
      An unhandled exception has occurred.
      System.Exception: boom
         at Shop.Orders.Create() in /src/Orders.cs:line 9`,
  php: `PHP Fatal error:  Uncaught Exception: boom in /app/index.php:3
Stack trace:
#0 /app/index.php(7): order()
#1 {main}
  thrown in /app/index.php on line 3`,
  laravel: `[2024-01-01 12:00:00] local.ERROR: boom {"exception":"[object] (Exception(code: 0): boom at /app/x.php:3)
[stacktrace]
#0 /app/index.php(7): order()
#1 {main}
"}`,
  rust: `thread 'main' (4711) panicked at src/main.rs:2:5:
called Option::unwrap() on a None value
stack backtrace:
   0: rust_begin_unwind
             at /rustc/abc/library/std/src/panicking.rs:645:5
note: run with \`RUST_BACKTRACE=full\` for a verbose backtrace`,
  "a printed object": `config {
  port: 8080,
  hosts: [
    'a'
  ]
}`,
};

describe("one stack trace is one event", () => {
  it.each(Object.entries(traces))("%s", (_, trace) => expectOneEvent(trace));

  it("node, as this node prints it", () => {
    const thrown = stderrOf(
      process.execPath,
      "-e",
      "throw Object.assign(new TypeError('boom'), { code: 'E1', cause: new Error('why') })",
    );
    expect(thrown).toContain("Node.js v");
    expectOneEvent(thrown);
    expectOneEvent(stderrOf(process.execPath, "-e", "Promise.reject(new Error('nobody caught me'))"));
    const printed = "try { null.x } catch (error) { console.error(error) }";
    expectOneEvent(stderrOf(process.execPath, "-e", printed));
  });

  it.runIf(hasPython())("python, as this python prints it", () => {
    const chained = "try:\n  {}['a']\nexcept KeyError:\n  raise ValueError('bad')";
    const thrown = stderrOf("python3", "-c", chained);
    expect(thrown).toContain("During handling");
    expectOneEvent(thrown);
    const logged = "import logging\ntry:\n  1/0\nexcept Exception:\n  logging.exception('failed')";
    expectOneEvent(stderrOf("python3", "-c", logged));
  });
});

describe("what stays apart", () => {
  it("lines with a time, a level or as JSON", () => {
    const lines = ["ERROR a", "2024-01-01T00:00:00Z b", '{"level":50}', "WARN c", "plain d", "plain e"];
    expect(join(lines.join("\n"))).toEqual(lines);
  });

  it("blank lines mean nothing", () => {
    expect(join("a\n\n\nb\n\n")).toEqual(["a", "b"]);
  });

  it("a line that comes late", () => {
    const joiner = makeLineJoiner({ waitMs: 500 });
    expect(joiner.push({ at: 0, text: "Error: a" })).toEqual([]);
    expect(joiner.push({ at: 501, text: "    at f" })).toEqual([{ at: 0, text: "Error: a" }]);
  });
});

describe("an open event", () => {
  it("is given out when nothing more came for a while", () => {
    const joiner = makeLineJoiner({ waitMs: 500 });
    joiner.push({ at: 7, text: "Error: a" }, 1_000);
    joiner.push({ at: 8, text: "    at f" }, 1_200);
    expect(joiner.flush(1_700)).toEqual([]);
    expect(joiner.flush(1_701)).toEqual([{ at: 7, text: "Error: a\n    at f" }]);
    expect(joiner.flush()).toEqual([]);
  });

  it("keeps its beginning when it has no end, and swallows the rest", () => {
    const frames = Array.from({ length: 10_000 }, (_, index) => `    at f${index}`).join("\n");
    expect(join(`Error: deep\n${frames}\nnext`, { maxLines: 10 })).toEqual([
      `Error: deep\n${frames.split("\n").slice(0, 9).join("\n")}\n… [9991 more lines]`,
      "next",
    ]);
  });

  it("loses no line, whatever comes", () => {
    const pieces = Object.values(traces).flatMap((trace) => trace.split("\n"));
    const line = fc.oneof(
      fc.constantFrom(...pieces),
      fc.string().map((one) => one.replaceAll("\n", "")),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), (all) => {
        const kept = join(all.join("\n")).flatMap((event) => event.split("\n"));
        expect(worded(kept)).toEqual(worded(all));
      }),
    );
  });
});

const worded = (lines: string[]) => lines.filter((one) => one.trim() !== "");

function hasPython(): boolean {
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
