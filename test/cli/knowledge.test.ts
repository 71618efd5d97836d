// kb: what each command asks for and prints.
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { EntryStory, FoundEntry } from "../../api/knowledge.ts";
import { fakeOperations } from "./fake-operations.ts";
import { runCli } from "./run-cli.ts";
import { start } from "./story.ts";

const entry: FoundEntry = {
  id: "kb_1",
  origin: "learned",
  title: "The kernel killed it at its memory limit",
  symptoms: ["worker got SIGKILL"],
  vocabulary: ["oom"],
  playbook: "oom-limit-too-low",
  cause: "It needs more than 256 MB.",
  fix: "raise-memory-limit",
  outcome: "healed",
  targetKind: "docker",
  service: "thumbs",
  runId: "run_1",
  scoreBp: 9_100,
  errorsAfter: 0,
  disabled: false,
  version: 2,
  used: 9,
  worked: 8,
  firstAt: start - 86_400_000,
  at: start - 7_200_000,
  changedAt: start,
  similarity: 0.81,
};
const story: EntryStory = {
  ...entry,
  history: [{ version: 2, at: start, by: "ada", change: {} }],
  runs: [{ runId: "run_1", incidentId: null, service: "thumbs", outcome: "healed", at: start - 7_200_000 }],
  nearest: [{ ...entry, id: "known-oom-limit", similarity: 0.6 }],
};

describe("kb", () => {
  it("search asks with its filters and shows how alike a case is", async () => {
    const { operations, calls } = fakeOperations({
      knowledge: async () => ({ entries: [entry], next_cursor: null }),
    });
    const words = [
      "kb",
      "search",
      "worker got SIGKILL",
      "--kind",
      "docker",
      "--mode",
      "text",
      "--limit",
      "3",
    ];
    const { out, code } = await runCli(words, operations);
    expect(code).toBe(0);
    expect(calls).toEqual([
      ["knowledge", { q: "worker got SIGKILL", limit: 3, kind: "docker", mode: "text" }],
    ]);
    expect(out).toMatch(/kb_1 .*docker .*healed .*8\/9 .*0\.81/);
  });

  it("says that nothing is similar, which is no problem", async () => {
    const { operations } = fakeOperations({ knowledge: async () => ({ entries: [], next_cursor: null }) });
    expect(await runCli(["kb", "search", "xyzzy"], operations)).toMatchObject({
      code: 0,
      out: "Nothing similar is known.\n",
    });
  });

  it("show tells cause, fix, runs, changes and neighbours", async () => {
    const { operations } = fakeOperations({ knowledgeEntry: async () => story });
    const { out } = await runCli(["kb", "show", "kb_1"], operations);
    for (const text of [
      "It needs more than 256 MB.",
      "9 times, healed 8 times",
      "run_1",
      "by ada",
      "known-oom-limit",
    ])
      expect(out).toContain(text);
  });

  it("add needs a line, and takes several", async () => {
    const { operations, calls } = fakeOperations({ addKnowledge: async () => entry });
    expect((await runCli(["kb", "add", "A title"], operations)).code).toBe(2);
    const { code } = await runCli(
      ["kb", "add", "A title", "--symptom", "one", "two", "--fix", "mend it"],
      operations,
    );
    expect(code).toBe(0);
    expect(calls).toMatchObject([
      ["addKnowledge", { title: "A title", symptoms: ["one", "two"], fix: "mend it", targetKind: "any" }, {}],
    ]);
  });

  it.each([
    ["disable", true],
    ["enable", false],
  ])("%s switches, and asks before with --dry-run only", async (verb, disabled) => {
    const { operations, calls } = fakeOperations({
      changeKnowledge: async () => entry,
      knowledgeEntry: async () => story,
    });
    await runCli(["kb", verb, "kb_1", "--dry-run"], operations);
    await runCli(["kb", verb, "kb_1"], operations);
    expect(calls).toMatchObject([
      ["knowledgeEntry", "kb_1"],
      ["changeKnowledge", "kb_1", { disabled }, {}],
    ]);
  });

  it("export writes a new file, import reads it", async () => {
    const file = join(tmpdir(), `opsmedic-kb-${process.pid}.jsonl`);
    const { operations, calls } = fakeOperations({
      exportKnowledge: async () => ({ jsonl: '{"a":1}\n' }),
      importKnowledge: async () => ({ lines: 1, imported: 1, known: 0, counted: 0 }),
    });
    expect((await runCli(["kb", "export"], operations)).out).toBe('{"a":1}\n');
    await runCli(["kb", "export", "-o", file], operations);
    expect(await readFile(file, "utf8")).toBe('{"a":1}\n');
    expect((await runCli(["kb", "export", "-o", file], operations)).code).toBe(2);
    const { out } = await runCli(["kb", "import", file, "--dry-run"], operations);
    expect(out).toContain("Would import 1 case of 1 line; 0 known already.");
    expect(calls.at(-1)).toMatchObject([
      "importKnowledge",
      { jsonl: '{"a":1}\n', count_outcomes: false, dry_run: true },
      {},
    ]);
    expect((await runCli(["kb", "import", `${file}.none`], operations)).code).toBe(2);
  });
});
