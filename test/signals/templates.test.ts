import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeTemplateMiner, type SavedTemplates, type TemplateMiner } from "../../signals/templates/miner.ts";

const small = { groups: 50, bucket: 20, table: 64 };

function mined(lines: readonly string[], service = "shop"): TemplateMiner {
  const miner = makeTemplateMiner();
  for (const line of lines) miner.add(service, line);
  return miner;
}

const templatesOf = (miner: TemplateMiner, service = "shop") =>
  miner.templates(service).map(({ template }) => template);
const expectSame = (...lines: string[]) => expect(templatesOf(mined(lines))).toHaveLength(1);
const restarted = (miner: TemplateMiner, limits?: typeof small) =>
  makeTemplateMiner(JSON.parse(JSON.stringify(miner.save())) as SavedTemplates, limits);

function withMerged(pair: [string, string]): SavedTemplates {
  const saved = mined(["x y"]).save();
  saved.services[0]?.[1].groups.merged.push(pair);
  return saved;
}

/** Lines as programs write them: few sentences, many values. */
const sentence = fc.constantFrom(
  (n: number, who: string) => `Accepted payment ${n} of ${who}`,
  (n: number, who: string) => `user ${who} logged in from 10.0.0.${n % 250}`,
  (n: number) => `flushed ${n} rows in ${n % 90}ms`,
  (n: number) => `cannot open /var/data/part-${n}.bin: No such file or directory`,
  (_: number, who: string) => `order service asked ${who} for stock`,
  () => "configuration reloaded",
);
const names = fc.constantFrom("ada", "bob", "carol", "dan", "eve", "frank");
const lines = fc.array(
  fc.tuple(sentence, fc.nat(100_000), names).map(([write, n, who]) => write(n, who)),
  { maxLength: 150 },
);
/** The same with one header or the other, and some with none. */
const forms = [
  "",
  "2024-01-02 10:00:0# INFO app.Main: ",
  "[2024-01-02 10:00:0#] [WARN] ",
  "Jan  # 10:00:00 web cron[7]: ",
];
const form = fc
  .tuple(fc.constantFrom(...forms), fc.nat(9))
  .map(([text, digit]) => text.replace("#", `${digit}`));
const headed = fc
  .tuple(lines, fc.array(form, { minLength: 150, maxLength: 150 }))
  .map(([all, before]) => all.map((line, n) => `${before[n]}${line}`));

describe("templates", () => {
  it("takes numbers, addresses, paths, dates, ids and quoted text out", () => {
    const miner = makeTemplateMiner();
    const { id } = miner.add(
      "shop",
      "job 17 of 10.1.2.3:8080 wrote /tmp/a.b at Sat Jun 18 02:23:10 2005 'x y'",
    );
    const again = miner.add(
      "shop",
      "job 9 of db.internal.example:1 wrote /srv/c at Mon Jul  4 12:00:00 2005 'z'",
    );
    expect(again).toEqual({ id, isNew: false });
    expect(miner.template("shop", id)).toEqual({
      id,
      lines: 2,
      template: "job <*> of <*> wrote <*> at <*> '<*>'",
    });
  });

  it("takes what looks different but is of one kind for the same", () => {
    expectSame("sent 1.2 KB to peer", "sent 3 MB to peer", "sent 17 B to peer");
    expectSame("opened google.com:443 again", "opened a.b.example.org:8443 again");
    expectSame("lease of 00:1e:c9:fe:ab:01 ended", "lease of fe:ab:cd:00:11:22 ended");
    expectSame(
      "due 2024-03-02 11:00:00.5 today",
      "due 2024/03/02T11:00Z today",
      "due Sat Mar 2 11:00:00 2024 today",
    );
    expectSame("parts [1, 2] moved", "parts [7] moved", "parts [1, 2, 3, 4] moved");
    expectSame("owner null of session", "owner 17 of session", "owner undefined of session");
  });

  it("keeps what a request asked for, files of a program, and dots that fill a line", () => {
    const lines = [
      '1 "GET /a/1 HTTP/1.1" 200',
      '2 "POST /a/1 HTTP/1.1" 200',
      "at server.go:26",
      "mode enable....1",
    ];
    expect(templatesOf(mined(lines))).toEqual([
      '<*> "GET <*> <*>" <*>',
      '<*> "POST <*> <*>" <*>',
      "at server.go:<*>",
      "mode enable...<*>",
    ]);
  });

  it("keeps words with digits that are always the same", () => {
    const miner = mined(["http2_open() found child 7 over ssh2", "http2_open() found child 8 over ssh2"]);
    expect(templatesOf(miner)).toEqual(["http2_open() found child <*> over ssh2"]);
  });

  it("sees that a word varies once enough different ones stood there, and still finds the ids of before", () => {
    const miner = makeTemplateMiner();
    const people = ["ada", "bob", "carol", "dan"];
    const ids = people.map((who) => miner.add("shop", `session closed for user ${who}`).id);
    expect(templatesOf(miner)).toEqual(["session closed for user <*>"]);
    expect(new Set(ids.map((id) => miner.template("shop", id)?.id)).size).toBe(1);
  });

  it("keeps the states of a machine apart, and what begins differently", () => {
    const states = ["NEW", "ASSIGNED", "RUNNING", "FAILED", "DONE", "LOST"];
    expect(mined(states.map((to) => `task went over to ${to}`)).templates("shop")).toHaveLength(6);
    const services = ["cron", "portmap", "cups", "ssh", "ntp"];
    expect(mined(services.map((one) => `${one} startup succeeded today`)).templates("shop")).toHaveLength(5);
  });

  it("does not take a line of numbers for what other lines say", () => {
    expect(templatesOf(mined(["3 errors", "7 warnings", "5 6"])).sort()).toEqual([
      "<*> <*>",
      "<*> errors",
      "<*> warnings",
    ]);
  });

  it("knows a parameter again by the words before it", () => {
    const miner = mined(["alice", "blice", "clice", "dlice"].map((one) => `session closed for user ${one}`));
    miner.add("shop", "session opened for user malice by cron");
    miner.add("shop", "session opened for user palice by cron");
    expect(templatesOf(miner)).toContain("session opened for user <*> by cron");
  });

  it("takes lists of any length for the same line", () => {
    const asked = [3, 9, 40].map((count) => `asked to delete ${"part_77777 ".repeat(count)} now`);
    expect(templatesOf(mined(asked))).toEqual(["asked to delete <*> now"]);
  });

  it("reads the message of JSON lines and logfmt, and coloured text", () => {
    const json = JSON.stringify({ level: "info", time: 1, msg: "took 5 ms" });
    const miner = mined([json, 'ts=1 level=info msg="took 6 ms"', "\u001b[32mtook 7 ms\u001b[0m"]);
    expect(templatesOf(miner)).toEqual(["took <*> ms"]);
  });

  it("knows an exception by the line that names it, whatever its trace", () => {
    const java = "java.io.IOException: Broken pipe 7\n  at a.B.c(B.java:3)\n  at d.E.f(E.java:4)";
    const python =
      'Traceback (most recent call last):\n  File "a.py", line 3, in run\nValueError: no such item: 17';
    const miner = mined([java, "java.io.IOException: Broken pipe 9\n  at x.Y.z(Y.java:5)", python]);
    expect(templatesOf(miner)).toEqual([
      "java.io.IOException: Broken pipe <*>",
      "ValueError: no such item: <*>",
    ]);
  });

  it("finds the header from the lines, and puts those before it was known where they belong", () => {
    const messages = ["cache warmed", "queue empty", "retrying", "peer lost", "all done"];
    const raw = Array.from({ length: 60 }, (_, n) => {
      const place = `INFO [worker ${n % 7}] shop.${n % 2 ? "Cart" : "Stock"}`;
      return `2024-01-02 10:00:${String(n).padStart(2, "0")},123 ${place}: ${messages[n % 5]}`;
    });
    const miner = makeTemplateMiner();
    const ids = raw.map((line) => miner.add("shop", line).id);
    expect(templatesOf(miner).sort()).toEqual([...messages].sort());
    expect(ids.map((id) => miner.template("shop", id)?.lines)).toEqual(raw.map(() => 12));
    expect(raw.map((line) => miner.find("shop", line)?.template)).toEqual(raw.map((_, n) => messages[n % 5]));
    expect(
      miner.find("shop", "2024-01-02 10:00:00,123 INFO [worker 1] shop.Cart: unheard of"),
    ).toBeUndefined();
  });

  it("does not grow when the same lines come again", () => {
    fc.assert(
      fc.property(headed, (some) => {
        const miner = mined(some);
        const once = miner.templates("shop").map(({ id, template }) => ({ id, template }));
        for (let time = 1; time < 32; time++) for (const line of some) miner.add("shop", line);
        expect(miner.templates("shop").map(({ id, template }) => ({ id, template }))).toEqual(once);
      }),
      { numRuns: 30 },
    );
  });

  it("is the same with a restart as without one", () => {
    fc.assert(
      fc.property(headed, headed, (before, after) => {
        const through = mined([...before, ...after]);
        const stopped = restarted(mined(before));
        for (const line of after) stopped.add("shop", line);
        if (before.length + after.length > 0) stopped.add("shop", "end");
        if (before.length + after.length > 0) through.add("shop", "end");
        expect(stopped.save()).toEqual(through.save());
      }),
      { numRuns: 60 },
    );
  });

  it("finds the same whatever other services write in between", () => {
    fc.assert(
      fc.property(
        lines,
        lines,
        fc.array(fc.boolean(), { minLength: 300, maxLength: 300 }),
        (shop, bank, coins) => {
          const mixed = makeTemplateMiner();
          const rest = { shop: [...shop], bank: [...bank] };
          for (const coin of coins) {
            const service = (coin && rest.shop.length > 0) || rest.bank.length === 0 ? "shop" : "bank";
            const line = rest[service].shift();
            if (line !== undefined) mixed.add(service, line);
          }
          expect(mixed.templates("shop")).toEqual(mined(shop).templates("shop"));
          expect(mixed.templates("bank")).toEqual(mined(bank, "bank").templates("bank"));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("joins two workers: every id is found, no line is lost, a second time adds no group", () => {
    fc.assert(
      fc.property(lines, lines, (one, other) => {
        const [left, right] = [makeTemplateMiner(), makeTemplateMiner()];
        const ids = [
          ...one.map((line) => left.add("shop", line).id),
          ...other.map((line) => right.add("shop", line).id),
        ];
        left.merge(right.save());
        for (const id of ids) expect(left.template("shop", id)).toBeDefined();
        const all = left.templates("shop");
        expect(all.reduce((sum, group) => sum + group.lines, 0)).toBe(one.length + other.length);
        left.merge(right.save());
        expect(new Set(left.templates("shop").map(({ id }) => id))).toEqual(new Set(all.map(({ id }) => id)));
      }),
      { numRuns: 60 },
    );
  });

  it("does not hang on ids that two workers merged in opposite directions", () => {
    const left = makeTemplateMiner();
    left.merge(withMerged(["one", "other"]));
    left.merge(withMerged(["other", "one"]));
    expect(left.template("shop", "one")).toBeUndefined();
  });
});

describe("templates of hostile lines", () => {
  const signs = [
    "\u001b",
    "[",
    "3",
    "1",
    "m",
    '"',
    "'",
    "{",
    "}",
    " ",
    "=",
    ":",
    "a",
    "\0",
    "\ufdd0",
    "\ud800",
  ];
  const junk = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.string({ unit: fc.constantFrom(...signs) }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => new TextDecoder().decode(bytes)),
    lines.map((some) => some.slice(0, 5).join(" ")),
  );

  it("answers each of them, and can be stopped after each", () => {
    fc.assert(
      fc.property(fc.array(junk, { minLength: 1, maxLength: 60 }), (some) => {
        const through = makeTemplateMiner(undefined, small);
        let stopped = makeTemplateMiner(undefined, small);
        for (const line of some) {
          const { id } = through.add("shop", line);
          expect(through.template("shop", id)?.template).toBeTypeOf("string");
          stopped.add("shop", line);
          stopped = restarted(stopped, small);
        }
        expect(stopped.save()).toEqual(through.save());
      }),
      { numRuns: 100 },
    );
  });

  it("reads only the beginning of a huge line", () => {
    const huge = [`${"word ".repeat(400_000)}1`, "x".repeat(2_000_000), "7".repeat(2_000_000)];
    const miner = mined([...huge, '"'.repeat(300_000), "'a ".repeat(100_000), "[1:".repeat(100_000)]);
    for (const { template } of miner.templates("shop")) expect(template.length).toBeLessThan(20_000);
  });

  it("stays within its limits when every line is different", () => {
    const miner = makeTemplateMiner(undefined, small);
    for (let n = 0; n < 3_000; n++) {
      const word = String(n).replace(/\d/g, (digit) => "abcdefghij"[Number(digit)] ?? "");
      miner.add("shop", `${word} ${word.repeat(1 + (n % 5))} is ${n % 3 ? "not " : ""}like ${word} at all`);
      miner.add("shop", `the ${word} of ${word.repeat(2)} goes ${word}`);
    }
    expect(miner.templates("shop").length).toBeLessThanOrEqual(small.groups);
    expect(JSON.stringify(miner.save()).length).toBeLessThan(200_000);
  });
});
