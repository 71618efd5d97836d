// What Operations must tell of what is remembered, and let persons change, called directly or over HTTP.
import { describe, expect, it } from "vitest";
import { alice, type OperationsSite } from "./operations-changes.contract.ts";

export function knowledgeContract(name: string, open: () => Promise<OperationsSite>): void {
  describe(`${name} as Knowledge`, () => {
    it("finds, shows, adds, changes, takes out and in, and audits what changes", async () => {
      await using site = await open();
      const { operations, world } = site;
      const entry = {
        title: "The label printer's driver hangs",
        symptoms: ["labeld: spooler handshake stuck for 31 s"],
        vocabulary: ["labels do not come out"],
        playbook: "",
        cause: "The driver waits for an acknowledgement that never comes.",
        fix: "Restart labeld.",
        targetKind: "process",
      };
      const added = await operations.addKnowledge(entry, alice);
      expect(added).toMatchObject({ ...entry, origin: "added", outcome: "known", version: 1 });
      await expect(operations.addKnowledge(entry, alice)).rejects.toMatchObject({ code: "already-known" });

      const q = "spooler handshake stuck for 7 s";
      const found = await operations.knowledge({ q, limit: 3 });
      expect(found.entries[0]).toMatchObject({ id: added.id, similarity: expect.any(Number) });
      expect((await operations.knowledge({ q, kind: "docker", limit: 3 })).entries).toEqual([]);
      expect((await operations.knowledge({ q: "a walk in the park", limit: 3 })).entries).toEqual([]);

      await operations.changeKnowledge(added.id, { disabled: true, fix: "Restart labeld twice." }, alice);
      const after = (await operations.knowledge({ q, limit: 9 })).entries;
      expect(after.map(({ id }) => id)).not.toContain(added.id);
      const story = await operations.knowledgeEntry(added.id);
      expect(story).toMatchObject({
        disabled: true,
        version: 2,
        fix: "Restart labeld twice.",
        runs: [],
        history: [{ version: 2, by: "alice", change: { from: { fix: "Restart labeld." } } }],
      });
      await expect(operations.knowledgeEntry("kb_none")).rejects.toMatchObject({ code: "not-found" });

      const { jsonl } = await operations.exportKnowledge({ kind: "process" });
      expect(jsonl.split("\n")).toHaveLength(2);
      const line = JSON.stringify({ ...(JSON.parse(jsonl) as object), id: "theirs", fix_type: "Kill it." });
      expect(await operations.importKnowledge({ jsonl: line, dry_run: true }, alice)).toMatchObject({
        imported: 1,
      });
      expect(await operations.importKnowledge({ jsonl: line }, alice)).toEqual({
        lines: 1,
        imported: 1,
        known: 0,
        counted: 0,
      });
      await expect(operations.importKnowledge({ jsonl: "{}" }, alice)).rejects.toMatchObject({
        code: "import-invalid",
        message: expect.stringContaining("line 1: "),
      });
      const actions = (await operations.audit({ limit: 50 })).map(({ action }) => action);
      expect(actions).toEqual(
        expect.arrayContaining(["knowledge.add", "knowledge.change", "knowledge.import"]),
      );
      expect(world.events).toContainEqual(expect.objectContaining({ topic: "knowledge" }));
    });

    it("lists page by page", async () => {
      await using site = await open();
      const { operations } = site;
      const first = await operations.knowledge({ limit: 50 });
      const second = await operations.knowledge({ limit: 50, cursor: first.next_cursor ?? "" });
      const ids = [...first.entries, ...second.entries].map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(second.next_cursor).toBeNull();
      await expect(operations.knowledge({ limit: 1, cursor: "x" })).rejects.toMatchObject({
        code: "bad-cursor",
      });
    });
  });
}
