// logs and patterns: what each command asks for and prints.
import { describe, expect, it } from "vitest";
import { HealError } from "../../domain/errors.ts";
import type { PatternStory, RuleAnswer, SeenLogLine } from "../../api/observed.ts";
import { fakeOperations } from "./fake-operations.ts";
import { runCli, stoppedClock, surroundings } from "./run-cli.ts";
import { makeCli } from "../../api/cli.ts";
import { start } from "./story.ts";

const ada = { name: "ada", role: "admin", door: "cli" };

const line = (id: number, ago: number, more: Partial<SeenLogLine> = {}): SeenLogLine => ({
  id,
  at: start - ago,
  service: "checkout",
  level: "error",
  source: "docker",
  text: `lost order ${id}`,
  ...more,
});

const page = (...logs: SeenLogLine[]) => ({ logs, next_cursor: null });

const rule: RuleAnswer = {
  name: "declined",
  match: "(?i)card declined",
  severity: "warning",
  service: "checkout",
  level: "warn",
  hint: null,
  threshold: { lines: 20, within: "5m" },
  origin: "api",
  services: [{ service: "checkout", lines: 123, lastAt: start - 60_000, now: 25 }],
};

const story: PatternStory = {
  id: "checkout:p1",
  service: "checkout",
  template: "lost order <*>",
  level: "error",
  firstSeen: start - 86_400_000,
  lastSeen: start - 60_000,
  lines: 1_234,
  trend: "rising",
  burst: { lines: 30, usual: 0.25 },
  examples: ["lost order 7", "lost order 8"],
  counts: [
    { at: start - 3_600_000, lines: 10 },
    { at: start - 60_000, lines: 80 },
  ],
  days: [1, 0, 2, 4].map((lines, day) => ({ at: start - (3.5 - day) * 86_400_000, lines })),
  seenOn: 3,
  course: "rising",
  sameHour: { lines: 90, usual: 12.34, days: 3, unusual: "more" },
  parameters: [
    {
      name: "took",
      unit: "ms",
      windows: [20, 20, 900].map((median, n) => ({
        at: start - (3 - n) * 300_000,
        median,
        low: median / 2,
        high: 2 * median,
        samples: 30,
      })),
      values: [],
      drift: { kind: "level", since: start - 300_000, before: 20, after: 900 },
    },
    {
      name: "host",
      unit: "",
      windows: [],
      values: [
        { value: "db-1", share: 0.75 },
        { value: "db-2", share: 0.25 },
      ],
      drift: null,
    },
  ],
  newSince: { at: start - 90_000_000, what: "a change of config/app.yaml" },
};

describe("logs", () => {
  it("search asks with all filters and shows the oldest first, stack traces below their line", async () => {
    const trace = line(1, 9_000, { text: "TypeError: x\n    at order\u001b[2J", level: "fatal" });
    const { operations, calls } = fakeOperations({
      logs: async () => ({ logs: [line(2, 5_000), trace], next_cursor: "9-1" }),
    });
    const words = ["logs", "search", "order", "--service", "checkout", "--level", "warn", "--since", "10m"];
    const { out, code } = await runCli([...words, "--limit", "2", "--cursor", "9-9"], operations);
    expect(code).toBe(0);
    expect(calls).toEqual([
      [
        "logs",
        { service: "checkout", level: "warn", from: start - 600_000, limit: 2, q: "order", cursor: "9-9" },
      ],
    ]);
    expect(out).toMatchInlineSnapshot(`
      "2026-11-21 11:59:51Z  checkout  fatal  TypeError: x
              at order�[2J
      2026-11-21 11:59:55Z  checkout  error  lost order 2
      Older: --cursor 9-1
      "
    `);
  });

  it("a search that finds nothing says what is kept", async () => {
    const { operations } = fakeOperations({ logs: async () => page() });
    expect((await runCli(["logs", "search", "nothing"], operations)).out).toContain("Every line is counted");
  });

  it.each([
    [["--level", "loud"], "Write one of debug, info, warn, error, fatal."],
    [["--since", "yesterday"], "Write for example 30s, 10m or 1h."],
    [["--limit", "0"], "Write for example --limit 50."],
  ])("%j is a usage error that says what would do", async (options, hint) => {
    const { operations, calls } = fakeOperations();
    const { code, err } = await runCli(["logs", "tail", ...options], operations);
    expect([code, calls]).toEqual([2, []]);
    expect(err).toContain(hint);
  });

  it("tail shows the last lines; as JSON the page as it came", async () => {
    const { operations } = fakeOperations({ logs: async () => page(line(2, 0), line(1, 9)) });
    expect((await runCli(["logs", "tail"], operations)).out.match(/lost order \d/g)).toEqual([
      "lost order 1",
      "lost order 2",
    ]);
    expect(JSON.parse((await runCli(["logs", "tail", "--json"], operations)).out)).toEqual(
      page(line(2, 0), line(1, 9)),
    );
  });

  it("tail --follow shows each line once, late ones too, until interrupted", async () => {
    const stop = new AbortController();
    const pages = [
      page(line(2, 5_000), line(1, 9_000)),
      page(line(2, 5_000), line(1, 9_000)),
      { logs: [line(4, 1_000), line(2, 5_000)], next_cursor: "more" },
      page(line(3, 7_000), line(1, 9_000)),
    ];
    const { operations, calls } = fakeOperations({
      logs: async () => {
        const next = pages.shift();
        if (next !== undefined) return next;
        stop.abort();
        return page();
      },
    });
    const { dependencies, printed } = surroundings(operations);
    const code = await makeCli(dependencies).run(["logs", "tail", "-f", "--json"], stop.signal);
    expect(code).toBe(130);
    const ids = printed.out
      .trim()
      .split("\n")
      .map((text) => (JSON.parse(text) as SeenLogLine).id);
    expect(ids).toEqual([1, 2, 3, 4]);
    // Never older than the first line that was shown, and never more than a minute back.
    expect(calls[1]?.[1]).toEqual({ limit: 500, from: start - 9_000 });
    expect(calls[3]?.[1]).toEqual({ limit: 500, from: start - 9_000, cursor: "more" });
  });

  it("tail --follow needs a server; without one it says so instead of waiting", async () => {
    const { operations } = fakeOperations({ logs: async () => page(line(1, 0)) });
    const { code, err } = await runCli(["logs", "tail", "--follow"], operations, {
      connect: async () => ({ operations, via: "embedded", close: async () => undefined }),
      clock: stoppedClock,
    });
    expect(code).toBe(1);
    expect(err).toContain("opsmedic serve");
  });

  it("sources tells which are down, and why", async () => {
    const { operations } = fakeOperations({
      logSources: async () => [
        { service: "checkout", source: "docker", ok: true, text: "read", at: start - 60_000 },
        { service: "cache", source: "/var/log/cache.log", ok: false, text: "permission denied", at: start },
      ],
    });
    const { out } = await runCli(["logs", "sources"], operations);
    expect(out).toMatch(/✓ {2}checkout {2}docker {14}1 min ago {2}read/);
    expect(out).toMatch(/✕ {2}cache .* permission denied/);
  });
});

describe("patterns", () => {
  it("ls asks with text and service, and shows trend and count", async () => {
    const { operations, calls } = fakeOperations({
      patterns: async () => ({ patterns: [story], next_cursor: "x" }),
    });
    const { out } = await runCli(["patterns", "ls", "order", "--service", "checkout"], operations);
    expect(calls).toEqual([["patterns", { limit: 20, q: "order", service: "checkout" }]]);
    expect(out).toMatch(/checkout:p1 {2}error {3}1234 {2}▲ burst {2}1 min ago {2}lost order <\*>/);
    expect(out).toContain("More: --cursor x");
  });

  it("show tells the story of one", async () => {
    const { operations } = fakeOperations({ pattern: async () => story });
    expect((await runCli(["patterns", "show", "checkout:p1"], operations)).out).toMatchInlineSnapshot(`
      "Pattern checkout:p1 · checkout · error · ▲ burst
      lost order <*>
      1234 lines, first seen 2026-11-20 12:00:00Z, last seen 1 min ago
      30 in the last minute, usually 0.3
      last day, by the hour  ·······················█
      by the day             ▂·▄█  on 3 of 4 days, rising
      last hour 90, the same hour of 3 earlier days 12.3: more than usual
      new since a change of config/app.yaml at 2026-11-20 11:00:00Z

      What varies
        took  median 900 ms, mostly 450 ms to 1800 ms  ▁▁█  ▲ 20 ms → 900 ms since 2026-11-21 11:55:00Z
        host  db-1 75.00 %, db-2 25.00 %

      Examples
        lost order 7
        lost order 8
      "
    `);
  });

  it("rules ls shows which are over, and lines that nobody looked at", async () => {
    const { operations } = fakeOperations({ rules: async () => ({ rules: [rule], passed_over: 7 }) });
    const { out } = await runCli(["patterns", "rules", "ls"], operations);
    expect(out).toMatch(
      /declined {2}warning {3}20 in 5m {2}checkout, warn and graver {7}123 {2}1 min ago {2}▲ checkout/,
    );
    expect(out).toContain("7 lines were not looked at");
  });

  it("rules add sends what is complete, with the defaults", async () => {
    const { operations, calls } = fakeOperations({ addRule: async () => rule });
    const words = ["patterns", "rules", "add", "declined", "card (was )?declined"];
    const { out } = await runCli(
      [...words, "--severity", "warning", "--threshold", "20 in 5m", "--level", "warn"],
      operations,
    );
    const sent = {
      name: "declined",
      match: "card (was )?declined",
      severity: "warning",
      level: "warn",
      threshold: { lines: 20, within: "5m" },
    };
    expect(calls).toEqual([["addRule", sent, ada]]);
    expect(out).toBe("Made rule declined: warning from 20 lines in 5m on\n");
    const dry = await runCli([...words, "--dry-run"], operations);
    expect(dry.out).toBe("Would make rule declined: info from 1 line in 5m on\n");
    expect(calls).toHaveLength(1);
  });

  it.each([
    [["x", "("], "match: Not a regular expression: missing closing ): `(`"],
    [["x y", "a"], "name: Not a name"],
    [["x", "a", "--threshold", "many"], '--threshold many is not "N in T"'],
    [["x", "a", "--threshold", "2 in 2h"], "threshold.within: Too long: expected 1h or less"],
    [["x", "a", "--severity", "loud"], "severity: "],
  ])("rules add %j is refused before anything is asked", async (words, complaint) => {
    const { operations, calls } = fakeOperations();
    const { code, err } = await runCli(["patterns", "rules", "add", ...words], operations);
    expect([code, calls]).toEqual([2, []]);
    expect(err).toContain(complaint);
  });

  it("rules rm removes, or says what it would remove", async () => {
    const { operations, calls } = fakeOperations({
      removeRule: async (name) => {
        if (name === "declined") return rule;
        throw new HealError(`There is no rule "${name}".`, { code: "not-found" });
      },
      rules: async () => ({ rules: [rule], passed_over: 0 }),
    });
    const dry = await runCli(["patterns", "rules", "rm", "declined", "--dry-run"], operations);
    expect([dry.out, calls.length]).toEqual([
      "Would remove rule declined: warning from 20 lines in 5m on\n",
      1,
    ]);
    const gone = await runCli(["patterns", "rules", "rm", "declined", "--json"], operations);
    expect(JSON.parse(gone.out)).toEqual(rule);
    expect(await runCli(["patterns", "rules", "rm", "other"], operations)).toMatchObject({ code: 1 });
  });
});
