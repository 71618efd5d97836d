// Editors change one value and nothing else, in every format, and refuse what they cannot change alone.
import { parse as parseEnv } from "dotenv";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { HealError } from "../../domain/errors.ts";
import type { Json } from "../../domain/json.ts";
import { editorFor, needEditor } from "../../tools/editors/editors.ts";
import { readSettings } from "../../tools/settings-reader.ts";
import { samples } from "./editor-samples.ts";

const names = Object.keys(samples);
const sample = (name: string) => samples[name] ?? "";
const edit = (name: string, pointer: string, to: Json) => needEditor(name).edit(sample(name), pointer, to);

function valuesOf(name: string, text = sample(name)): Record<string, Json> {
  return Object.fromEntries(
    needEditor(name)
      .settings(text)
      .map((one) => [one.pointer, one.value]),
  );
}

describe("settings are read", () => {
  it.each([
    [
      "app.json",
      {
        "retry.delayMs": 800,
        "retry.name": 'a"bé',
        'levels["app.http"]': "warn",
        "hosts.1.port": 8080,
        "hosts.2": null,
      },
    ],
    [
      "app.yaml",
      {
        "retry.delay": "800ms",
        "retry.on": "yes",
        "['quoted key']": undefined,
        '["quoted key"]': "it's",
        "flow.b.1": 2.5,
        copy: 10,
        '["app.http"]': null,
      },
    ],
    ["many.yml", { "0.replicas": 2, "1.replicas": 3 }],
    [
      ".env",
      { PORT: 8080, UPSTREAM_DELAY: 800, NAME: "a b", EMPTY: "", DEBUG: false, RATE: 0.5, SPACED: "x" },
    ],
    [
      "app.toml",
      {
        title: "x",
        "retry.delay_ms": 1_000,
        'retry["quoted.key"].inner': "literal",
        "hosts.0.ports.1.high": 2,
      },
    ],
    [
      "app.ts",
      {
        DELAY: 800,
        "config.retry.delay-ms": -1.5,
        "config.list.2": "a",
        "Client.retries": 3,
        "Client.#secret": "s",
        "Client.timeout": 0.8,
        PORT: 8080,
        "process.env.HOST": "localhost",
        "call.timeout": 5,
        LEVEL: "warn",
        "default.on": true,
      },
    ],
    ["app.js", { "module.exports.port": 8080, "module.exports.tls.on": false, "exports.name": "x" }],
    ["app.tsx", { delay: 800 }],
    [
      "app.py",
      {
        TIMEOUT: 1_000,
        RATE: -0.5,
        'D["b.c"].on': true,
        "Client.retries": 3,
        "Client.wait": 0.8,
        "Client.call.timeout": 5,
        "Client.call.tries": 3,
        PORT: "8080",
        NOTHING: null,
        PATTERN: "\\d+",
        "PAIR.1": "it's",
        "OPTIONS.depth": 2,
      },
    ],
  ])("in %s", (name, expected) => {
    expect(valuesOf(name)).toMatchObject(
      Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== undefined)),
    );
  });

  it("but not what is computed or inside functions", () => {
    expect(Object.keys(valuesOf("app.py"))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/hidden|JOINED|SHOWN|OTHER/)]),
    );
    expect(Object.keys(valuesOf("app.ts"))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/hidden/)]),
    );
  });

  it("by whoever only looks; a format that nobody knows is no error", () => {
    expect(readSettings("config/app.json", "1")).toEqual([{ pointer: "", value: 1, start: 0, end: 1 }]);
    expect(readSettings("config/.env.production", "A=1")?.[0]?.value).toBe(1);
    expect(readSettings("config/nginx.conf", "x")).toBeUndefined();
    expect(() => needEditor("nginx.conf")).toThrow(expect.objectContaining({ code: "settings-unsupported" }));
  });
});

describe("one value is written", () => {
  it.each<[string, string, Json, string, string]>([
    ["app.json", "retry.delayMs", 1_200, '"delayMs": 800,', '"delayMs": 1200,'],
    ["app.json", "retry.factor", 2, '"factor": 1.50', '"factor": 2.0'],
    ["app.json", 'levels["app.http"]', 'a"b', '"app.http": "warn"', '"app.http": "a\\"b"'],
    ["app.yaml", "retry.delay", "1200ms", "delay: 800ms   #", "delay: 1200ms   #"],
    ["app.yaml", "retry.delay", "no", "delay: 800ms", 'delay: "no"'],
    ["app.yaml", "retry.times", 4, "times: 3\r\n", "times: 4\r\n"],
    ["app.yaml", '["quoted key"]', "that's", "'it''s'", "'that''s'"],
    ["app.yaml", "flow.b.1", 3, "2.5", "3.0"],
    ["many.yml", "1.replicas", 4, "kind: b\nreplicas: 3", "kind: b\nreplicas: 4"],
    [".env", "UPSTREAM_DELAY", 1_200, "export UPSTREAM_DELAY=800 #", "export UPSTREAM_DELAY=1200 #"],
    [".env", "NAME", "c d", '"a b"   #', '"c d"   #'],
    [".env", "EMPTY", "x", "EMPTY=\n", "EMPTY=x\n"],
    [".env", "DEBUG", true, "DEBUG=false", "DEBUG=true"],
    ["app.toml", "retry.delay_ms", 1_500, "1_000", "1_500"],
    ["app.toml", "retry.factor", 2, "= 1.0", "= 2.0"],
    ["app.toml", 'retry["quoted.key"].inner', "it's", "'literal'", '"it\'s"'],
    ["app.ts", "DELAY", 1_200, "= 800 as", "= 1200 as"],
    ["app.ts", "config.retry.delay-ms", -2, "-1.5", "-2.0"],
    ["app.ts", "process.env.HOST", "a'b", "'localhost'", "'a\\'b'"],
    ["app.ts", "LEVEL", "${x}`", "`warn`", "`\\${x}\\``"],
    ["app.js", "module.exports.tls.on", true, "on: false", "on: true"],
    ["app.py", "TIMEOUT", 1_200, "1_000  #", "1_200  #"],
    ["app.py", "Client.wait", 1, "default=0.8", "default=1.0"],
    ["app.py", 'D["b.c"].on', false, "'on': True", "'on': False"],
    ["app.py", "PORT", "8081", '"8080"', '"8081"'],
  ])("%s %s", (name, pointer, to, from, into) => {
    expect(sample(name).split(from)).toHaveLength(2);
    expect(edit(name, pointer, to)).toBe(sample(name).replace(from, () => into));
  });

  it("as every other reader of the format sees it", () => {
    expect(parseYaml(edit("app.yaml", "retry.delay", "no")) as Json).toMatchObject({
      retry: { delay: "no", times: 3 },
    });
    expect(parseEnv(edit(".env", "UPSTREAM_DELAY", 1_200))).toMatchObject({
      UPSTREAM_DELAY: "1200",
      NAME: "a b",
    });
    const json = JSON.stringify({ a: { b: 1 }, c: ["x"] }, null, "\t");
    expect(JSON.parse(needEditor("a.json").edit(json, "c.0", "😀\n"))).toEqual({ a: { b: 1 }, c: ["😀\n"] });
  });

  it("not at all when it is that value already", () => {
    expect(edit("app.py", "TIMEOUT", 1_000)).toBe(sample("app.py"));
  });
});

describe("an edit is refused", () => {
  it.each<[string, string, Json, string]>([
    ["app.json", "retry.none", 1, "setting-not-found"],
    ["app.json", "retry", {}, "setting-not-found"],
    ["app.json", "retry.delayMs", { a: 1 }, "edit-refused"],
    ["app.json", "retry.delayMs", Number.NaN, "edit-refused"],
    ["app.yaml", "copy", 11, "setting-locked"],
    ["app.yaml", "base", 11, "setting-locked"],
    ["app.yaml", "defaults.timeout", 6, "setting-locked"],
    ["app.yaml", "text", "x", "setting-locked"],
    ["app.yaml", "tagged", "6", "setting-locked"],
    ["app.yaml", "empty", "x", "setting-locked"],
    [".env", "HASH", "x", "setting-locked"],
    [".env", "EXPANDED", "x", "setting-locked"],
    [".env", "SPACED", "a b", "edit-refused"],
    [".env", "NAME", 'a"\nEVIL=1', "edit-refused"],
    [".env", "NAME", "$(id)", "edit-refused"],
    ["app.toml", "retry.since", "2020-01-01", "setting-locked"],
    ["app.toml", "retry.limit", 1, "setting-locked"],
    ["app.toml", "title", null, "edit-refused"],
    ["app.py", "TEXT", "x", "setting-locked"],
  ])("%s %s", (name, pointer, to, code) => {
    expect(() => edit(name, pointer, to)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ["a.json", '{"a": 1, "a": 2}'],
    [".env", "a=1\na=2\n"],
    ["a.py", "a = 1\na = 2\n"],
  ])("where a name stands twice: %s", (name, text) => {
    expect(() => needEditor(name).edit(text, "a", 3)).toThrow(
      expect.objectContaining({ code: "setting-ambiguous" }),
    );
  });

  it.each([
    ["a.json", '{"a": '],
    ["a.yaml", "a: [1\nb: 2: 3"],
    [".env", 'A="1'],
    [".env", "rm -rf /"],
    ["a.toml", "a = \n"],
    ["a.ts", "const a = {"],
    ["a.py", "def f(:\n"],
    ["a.json", "[".repeat(100_000)],
    ["a.py", `A = ${"[".repeat(50_000)}`],
    ["a.js", `const a = ${"[".repeat(50_000)}`],
    ["a.yaml", "[".repeat(50_000)],
  ])("where the text is not of its format: %s %#", (name, text) => {
    expect(() => needEditor(name).edit(text, "a", 3)).toThrow(
      expect.objectContaining({ code: "settings-unreadable" }),
    );
  });

  it("for a value that tries to become more than a value", () => {
    for (const name of names) {
      for (const setting of needEditor(name).settings(sample(name))) {
        for (const evil of [
          "x\nevil: 1",
          'x", "evil": 1, "y": "',
          "x'; evil(); '",
          "${evil}",
          "x # y",
          "*base",
          "!!js x",
          "{{ x }}",
        ]) {
          const after = attempt(() => needEditor(name).edit(sample(name), setting.pointer, evil));
          const wanted = { ...valuesOf(name), [setting.pointer]: evil };
          expect(after === undefined ? wanted : valuesOf(name, after)).toEqual(wanted);
        }
      }
    }
  });
});

describe("names of files", () => {
  it("decide on no editor by a part of the file's name", () => {
    expect(editorFor("env")).toBeUndefined();
    expect(editorFor("a.json.bak")).toBeUndefined();
    expect(editorFor("app.environment")).toBeUndefined();
  });
});

/** undefined when it was refused; anything but a refusal is thrown on. */
function attempt(work: () => string): string | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof HealError) return undefined;
    throw error;
  }
}
