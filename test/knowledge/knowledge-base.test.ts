// The knowledge base on both drivers: filed and merged, found, changed, taken out and in, renewed in the background.
import { expect, it } from "vitest";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import type { Embedder } from "../../knowledge/embedder.ts";
import { subwordEmbedder } from "../../knowledge/embedders/subword.ts";
import type { Lived } from "../../knowledge/entry-records.ts";
import { makeKnowledgeBase } from "../../knowledge/knowledge-base.ts";
import { hasVectors } from "../../knowledge/migrate.ts";
import { starterPack } from "../../knowledge/starter/starter-pack.ts";
import { describeOnEachDriver } from "./each-driver.ts";
import type { TestStore } from "./open-test-store.ts";

function baseOf(site: TestStore, embedder: Embedder = subwordEmbedder) {
  const { db, kind, store, clock, makeId } = site;
  return makeKnowledgeBase({ db, kind, ...store, embedder, playbooks: shippedPlaybooks, clock, makeId });
}

const lived: Lived & { use: string } = {
  use: "case-1",
  title: "The kernel killed it at its memory limit",
  symptoms: [
    "FATAL worker got SIGKILL from 10.0.0.7 while thumbnails of bob@example.com were made, token=abc123def456ghi789",
  ],
  sameAs: "worker got sigkill",
  playbook: "oom-limit-too-low",
  cause: "It needs more than 256 MB.",
  fix: "raise-memory-limit",
  targetKind: "docker",
  service: "thumbs",
  runId: "run-1",
  incidentId: "inc-1",
  outcome: "healed",
  scoreBp: 9_100,
  errorsAfter: 0,
  at: 1_000,
};

describeOnEachDriver("The knowledge base", (open) => {
  it("files a case once, merges the same one, masks it, and finds it by new lines", async () => {
    await using site = await open();
    const base = baseOf(site);
    const first = await base.file(lived);
    expect(await base.file(lived)).toMatchObject({ id: first.id, used: 1, worked: 1 });
    const again = {
      ...lived,
      use: "case-2",
      runId: "run-2",
      outcome: "not-healed",
      service: "media",
      at: 2_000,
    } as const;
    const merged = await base.file({ ...again, symptoms: ["thumbnail worker ended: signal 9"] });
    expect(merged).toMatchObject({ id: first.id, used: 2, worked: 1, runId: "run-2", outcome: "not-healed" });
    expect(merged.symptoms).toHaveLength(2);
    expect(merged.symptoms[0]).not.toMatch(/bob|10\.0\.0\.7|abc123/);
    expect((await base.uses(first.id, 9)).map(({ runId }) => runId)).toEqual(["run-2", "run-1"]);

    const [found] = await base.similar({
      text: "FATAL worker 7 got SIGKILL while thumbnails were made",
      limit: 3,
    });
    expect(found).toMatchObject({ id: first.id, outcome: "not-healed", runId: "run-2", service: "media" });
    expect(
      await base.similar({ text: "FATAL worker got SIGKILL, thumbnails", targetKind: "process", limit: 9 }),
    ).not.toContainEqual(expect.objectContaining({ id: first.id }));
    // A case of another fix is another case.
    expect((await base.file({ ...lived, use: "case-3", fix: "restart" })).id).not.toBe(first.id);
  });

  it("knows general cases from the start, and says when nothing is similar", async () => {
    await using site = await open();
    const base = baseOf(site);
    const [found] = await base.similar({ text: "pq: sorry, too many clients already", limit: 1 });
    expect(found).toMatchObject({ id: "known-pg-too-many-connections", outcome: "known", runId: null });
    expect(await base.similar({ text: "order 4711 was shipped to Berlin", limit: 3 })).toEqual([]);
    // Words of known failures in what went well, or in other matters.
    for (const text of [
      "INFO certificate for www.acme.test renewed, valid for 90 days",
      "Listening on port 8080",
      "the meeting room is locked",
    ])
      expect(await base.similar({ text, limit: 3 })).toEqual([]);
    // Names that no case knows do not hide what a line says.
    const [named] = await base.similar({
      text: "bill_run_4/acme-x.ledger-eu: write /srv/acme/ledger/q3.parquet: no space left on device",
      limit: 1,
    });
    expect(named).toMatchObject({ id: "known-disk-full" });
    expect(await base.similar({ text: "", limit: 3 })).toEqual([]);
    for (const mode of ["text", "hybrid"] as const) {
      const [typed] = await base.find({
        text: "somebody forgot to set an environment variable",
        mode,
        limit: 1,
      });
      expect(typed?.entry.id).toBe("known-missing-variable");
    }
    const [mistyped] = await base.find({ text: "certifcate exipred", limit: 1 });
    expect(mistyped?.entry.id).toBe("known-certificate-expired");
  });

  it("is changed by persons: versions are kept, what is switched off is not found, the pack does not undo it", async () => {
    await using site = await open();
    const base = baseOf(site);
    const id = "known-disk-full";
    const question = { text: "ENOSPC: no space left on device, write", limit: 9 };
    expect((await base.similar(question)).map((one) => one.id)).toContain(id);
    await base.change(id, { disabled: true }, "alice");
    expect((await base.similar(question)).map((one) => one.id)).not.toContain(id);
    site.clock.advance(1_000);
    const changed = await base.change(id, { disabled: false, fix: "Ask the storage team." }, "bob");
    expect(changed).toMatchObject({ version: 3, fix: "Ask the storage team.", disabled: false });
    expect(await base.change(id, { disabled: false }, "bob")).toMatchObject({ version: 3 });
    expect((await base.versions(id)).map(({ version, by }) => [version, by])).toEqual([
      [3, "bob"],
      [2, "alice"],
    ]);
    await site.store.settings.set("knowledge.starter", 0);
    expect(await baseOf(site).read(id)).toMatchObject({ fix: "Ask the storage team." });
    await expect(base.read("no-such")).rejects.toMatchObject({ code: "not-found" });
    await expect(base.change("no-such", {}, "bob")).rejects.toMatchObject({ code: "not-found" });
  });

  it("keeps how often each term stands, whatever is filed, changed and made anew", async () => {
    await using site = await open();
    const base = baseOf(site);
    await base.file(lived);
    await base.change("known-hang", { vocabulary: ["spins for ever"], disabled: true }, "alice");
    await site.db.query("update opsmedic.knowledge_index set version = 0 where entry like 'known-r%'");
    expect(await base.tend()).toBe(true);
    const differing = await site.db.query(
      `select t.term from opsmedic.knowledge_terms t where t.entries <> case when t.term = ''
         then (select count(*) from opsmedic.knowledge_index)
         else (select count(*) from opsmedic.knowledge_index where terms @> array[t.term]) end`,
    );
    expect(differing).toEqual([]);
  });

  it("goes out as JSON lines and comes into another store, once", async () => {
    await using site = await open();
    const base = baseOf(site);
    const filed = await base.file(lived);
    const jsonl = await base.exportLines({ kind: "docker" });
    const line = JSON.parse(jsonl) as Record<string, unknown>;
    expect(line).toMatchObject({
      timestamp: "1970-01-01T00:00:01.000Z",
      issue_type: "oom-limit-too-low",
      fix_type: "raise-memory-limit",
      original_confidence: 91,
      result_status: "healed",
      validation_status: "passed",
      success: true,
      error_count_after: 0,
    });
    const others = `${JSON.stringify({ ...line, id: undefined, run_id: "theirs" })}\n`;
    const options = { countOutcomes: false, dryRun: false };
    expect(await base.importLines(jsonl, options)).toEqual({ lines: 1, imported: 0, known: 1, counted: 0 });
    expect(await base.importLines(others, { ...options, dryRun: true })).toMatchObject({ imported: 1 });
    expect(await base.importLines(others, options)).toMatchObject({ imported: 1, counted: 0 });
    expect(await base.importLines(others, options)).toMatchObject({ imported: 0, known: 1 });
    const all = await base.list({ limit: 9, kind: "docker" });
    expect(Object.fromEntries(all.map(({ origin, used }) => [origin, used]))).toEqual({
      imported: 0,
      learned: 1,
    });
    // Outcomes of others count only where someone says so, and then once.
    const here = { service: "shop", targetKind: "docker" };
    const history = () => site.store.cases.history("oom-limit-too-low", "raise-memory-limit", here, 0);
    expect(await history()).toEqual([]);
    await base.importLines(others, { ...options, countOutcomes: true });
    await base.importLines(others, { ...options, countOutcomes: true });
    expect(await history()).toMatchObject([{ total: 1, successes: 1 }]);
    expect(await base.neighbours(filed, 1)).toMatchObject([{ entry: { origin: "imported" } }]);
  });

  it("refuses a file with wrong lines as a whole, by their numbers", async () => {
    await using site = await open();
    const base = baseOf(site);
    const good = { timestamp: "2026-01-01T00:00:00Z", issue_type: "x", fix_type: "y", success: true };
    const jsonl = [good, { ...good, success: "yes" }, good].map((one) => JSON.stringify(one)).join("\n");
    const options = { countOutcomes: false, dryRun: false };
    const refused = base.importLines(
      `${jsonl}\nno json\n${JSON.stringify({ ...good, result_status: "worse" })}`,
      options,
    );
    await expect(refused).rejects.toMatchObject({
      code: "import-invalid",
      message: expect.stringMatching(/line 2: success.*\nline 4: no JSON\nline 5: success/),
    });
    expect(await base.list({ limit: 9, outcome: "healed" })).toEqual([]);
  });

  it("goes on searching while vectors of another model are made, and takes up where it ended", async () => {
    await using site = await open();
    await baseOf(site).tend();
    let asked = 0;
    const other: Embedder = {
      ...subwordEmbedder,
      model: "other",
      instant: false,
      batch: 40,
      embed(texts) {
        asked += texts.length;
        if (asked > 60) return Promise.reject(new Error("away"));
        return subwordEmbedder.embed(texts.map((one) => one.toUpperCase()));
      },
    };
    const base = baseOf(site, other);
    const question = { text: "too many open files", limit: 1 };
    const vectors = await hasVectors(site.db);
    const broke = await base.tend().then(
      () => false,
      () => true,
    );
    expect(broke).toBe(vectors);
    expect(await base.similar(question)).toMatchObject([{ id: "known-file-descriptors" }]);
    asked = -1_000;
    expect(await base.tend()).toBe(true);
    if (!vectors) return;
    // The first 40 were made before it broke, and are not made again; two texts were questions.
    expect(asked + 1_000).toBeLessThanOrEqual(starterPack.length - 40 + 2);
    expect(await site.db.query("select distinct model from opsmedic.knowledge_vectors")).toEqual([
      { model: "other" },
    ]);
  });
});
