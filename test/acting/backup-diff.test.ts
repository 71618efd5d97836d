// The patch that a person reads, and that `patch` could apply.
import { applyPatch } from "diff";
import { describe, expect, it } from "vitest";
import { diffOf, shownDiffOf } from "../../tools/backup-diff.ts";

describe("diffOf", () => {
  it("shows only what differs, sorted, and its patch leads from one to the other", () => {
    const before = [
      { path: "b.json", content: '{\n  "delayMs": 800\n}\n' },
      { path: "same", content: "x" },
      { path: "a", content: "gone\n" },
    ];
    const after = [
      { path: "same", content: "x" },
      { path: "b.json", content: '{\n  "delayMs": 1200\n}\n' },
      { path: "c", content: "new\n" },
      { path: "a", content: null },
    ];
    const diff = diffOf(before, after);
    expect(diff.map((one) => one.path)).toEqual(["a", "b.json", "c"]);
    expect(diff[1]?.patch).toContain('-  "delayMs": 800\n+  "delayMs": 1200\n');
    expect(applyPatch(before[0]?.content ?? "", diff[1]?.patch ?? "")).toBe(after[1]?.content);
    expect(diff[0]?.patch).toContain("+++ /dev/null");
    expect(diff[2]?.patch).toContain("--- /dev/null");
  });

  it("shows a change of line endings or of the last newline", () => {
    expect(diffOf([{ path: "a", content: "x\n" }], [{ path: "a", content: "x\r\n" }])).toHaveLength(1);
    expect(diffOf([{ path: "a", content: "x" }], [{ path: "a", content: "x\n" }])[0]?.patch).toContain(
      "No newline",
    );
    expect(diffOf([{ path: "a", content: null }], [])).toEqual([]);
  });
});

describe("shownDiffOf", () => {
  it("gives no secret away, nor hides that one was changed", () => {
    const key = [
      "-----BEGIN PRIVATE KEY-----",
      ..."abcdefgh".split("").map((one) => one.repeat(64)),
      "-----END PRIVATE KEY-----",
    ];
    const env = (password: string, pool: number): string =>
      [`DB_PASSWORD=${password}`, "URL=postgres://shop:hunter3@db/shop", ...key, `POOL=${pool}`, ""].join(
        "\n",
      );
    const [one] = shownDiffOf(
      [{ path: ".env", content: env("hunter2", 5) }],
      [{ path: ".env", content: env("hunter2", 8) }],
    );
    expect(one?.patch).toContain("-POOL=5\n+POOL=8");
    expect(one?.patch).not.toMatch(/hunter|aaaa|hhhh/);
    const only = shownDiffOf(
      [{ path: ".env", content: env("hunter2", 5) }],
      [{ path: ".env", content: env("hunter9", 5) }],
    );
    expect(only).toEqual([{ path: ".env", patch: expect.stringContaining("Only secrets differ.") }]);
  });
});
